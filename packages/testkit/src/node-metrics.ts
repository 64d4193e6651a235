/** What a node counted when it was asked: the sum of the samples of a name that have these labels. */
export type NodeMetrics = (name: string, labels?: Readonly<Record<string, string>>) => number

const sample = /^(\w+)(?:\{(.*)\})? (\S+)$/

/** `/metrics` of a node. */
export async function readMetrics(url: string): Promise<NodeMetrics> {
  const text = await (await fetch(`${url}/metrics`, { signal: AbortSignal.timeout(10_000) })).text()
  const samples = text.split('\n').flatMap((line) => {
    const [, name, labels = '', value] = sample.exec(line) ?? []
    return name === undefined ? [] : [{ name, labels, value: Number(value) }]
  })
  return (name, labels = {}) => {
    const wanted = Object.entries(labels).map(([key, value]) => `${key}="${value}"`)
    return samples
      .filter((one) => one.name === name && wanted.every((label) => one.labels.includes(label)))
      .reduce((sum, { value }) => sum + value, 0)
  }
}
