/** Port-shaped need: how many log-ins of one username may be tried. 0 when allowed, else ms to wait. */
export type Throttle = (username: string) => number | Promise<number>
