/** Dies at a named point, the n-th time it passes there, as by a power cut; for tests of promises. */
export function crashPoints(crashAt: Readonly<Record<string, number>>): (point: string) => void {
  const left = new Map(Object.entries(crashAt))
  return (point) => {
    const passes = left.get(point)
    if (passes === undefined) return
    left.set(point, passes - 1)
    if (passes === 1) process.kill(process.pid, 'SIGKILL')
  }
}
