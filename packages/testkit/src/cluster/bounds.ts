/**
 * `npm run test:cluster` has the machine to itself: there the bounds are those that are promised. Where tests share a
 * machine with others they are as much larger as such a machine is slower.
 */
export const isLong = process.env.PARLEY_TEST_LONG === 'yes'

/** `promised` in the long form, `looser` in the short one; what it is stands in the test's name. */
export const bound = (promised: number, looser: number): number => (isLong ? promised : looser)

/** A number that the long form sets by a variable of its own. */
export const count = (variable: string, short: number): number => Number(process.env[variable] ?? short)
