/** A program beside the one at `from`: a source (.ts) where it runs from sources, compiled (.js) in a packed release. */
export function programAt(path: string, from: string): URL {
  return new URL(`${path}.${from.endsWith('.ts') ? 'ts' : 'js'}`, from)
}
