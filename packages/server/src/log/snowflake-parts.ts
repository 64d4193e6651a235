/** Ids count milliseconds from here (2024-01-01T00:00:00Z). */
export const snowflakeEpoch = 1_704_067_200_000

/** The id of time `at` (ms since the Unix epoch) and its low 22 bits (worker and counter). */
export function composeSnowflake(at: number, low: number): string {
  return ((BigInt(at - snowflakeEpoch) << 22n) | BigInt(low)).toString()
}

/** The low 22 bits of an id: its worker and counter. */
export function snowflakeLow(id: string): number {
  return Number(BigInt(id) & 0x3fffffn)
}
