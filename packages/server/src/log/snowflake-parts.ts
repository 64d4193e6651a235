/** Ids count milliseconds from here (2024-01-01T00:00:00Z); their 41 bits reach into 2093. */
export const snowflakeEpoch = 1_704_067_200_000

const perMillisecond = 2 ** 22
/** Ids are taken apart and put together in halves of so many digits, exact as doubles: BigInt is several times slower. */
const digits = 6
const half = 10 ** digits

/** The id of time `at` (ms since the Unix epoch) and its low 22 bits (worker and counter); decimal, no leading zeros. */
export function composeSnowflake(at: number, low: number): string {
  const time = at - snowflakeEpoch
  const upper = Math.floor(time / half)
  const rest = (time - upper * half) * perMillisecond + low
  const carry = Math.floor(rest / half)
  const head = upper * perMillisecond + carry
  const tail = rest - carry * half
  return head === 0 ? String(tail) : head + String(half + tail).slice(1)
}

/** The low 22 bits of an id: its worker and counter. */
export const snowflakeLow = (id: string): number => split(id).low

/** The time in an id, ms since the Unix epoch. */
export const snowflakeTime = (id: string): number => snowflakeEpoch + split(id).time

/** Orders ids as numbers, without parsing them. */
export function compareSnowflakes(a: string, b: string): number {
  if (a.length !== b.length) return a.length - b.length
  return a < b ? -1 : a > b ? 1 : 0
}

function split(id: string): { time: number; low: number } {
  const head = Number(id.slice(0, -digits))
  const upper = Math.floor(head / perMillisecond)
  const rest = (head - upper * perMillisecond) * half + Number(id.slice(-digits))
  const time = Math.floor(rest / perMillisecond)
  return { time: upper * half + time, low: rest - time * perMillisecond }
}
