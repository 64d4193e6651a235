const least = 5_000
const perByte = { moving: 1_000 / (10 * 1024 * 1024), putting: 1_000 / (1024 * 1024) }

/** Milliseconds that S3 has to copy or join so many bytes. */
export const movingPatience = (size: number): number => least + size * perByte.moving

/** Milliseconds in which so many bytes are stored from here. */
export const puttingPatience = (size: number): number => least + size * perByte.putting
