export type Key =
  | { name: 'text'; text: string }
  | {
      name:
        | 'enter'
        | 'escape'
        | 'tab'
        | 'backspace'
        | 'up'
        | 'down'
        | 'left'
        | 'right'
        | 'page-up'
        | 'page-down'
        | 'home'
        | 'end'
        | 'quit'
        | 'clear'
    }

const sequences: Record<string, Exclude<Key['name'], 'text'>> = {
  '\r': 'enter',
  '\n': 'enter',
  '\t': 'tab',
  '\u007f': 'backspace',
  '\b': 'backspace',
  '\u0003': 'quit',
  '\u0004': 'quit',
  '\u0015': 'clear',
  '\u001b[A': 'up',
  '\u001b[B': 'down',
  '\u001b[C': 'right',
  '\u001b[D': 'left',
  '\u001b[5~': 'page-up',
  '\u001b[6~': 'page-down',
  '\u001b[H': 'home',
  '\u001b[F': 'end',
  '\u001b': 'escape',
}
const longestFirst = Object.keys(sequences).sort((a, b) => b.length - a.length)

/** Keys in what a terminal in raw mode sent. Sequences that are not known are left out. */
export function parseKeys(input: string): Key[] {
  const keys: Key[] = []
  let rest = input
  while (rest !== '') {
    const known = longestFirst.find(
      (sequence) => rest.startsWith(sequence) && !(sequence === '\u001b' && /^\u001b[[O]./.test(rest)),
    )
    if (known !== undefined) {
      keys.push({ name: sequences[known] as Exclude<Key['name'], 'text'> })
      rest = rest.slice(known.length)
      continue
    }
    const unknown = /^\u001b[[O][0-9;]*[ -/]*[@-~]?|^[\u0000-\u001f]/.exec(rest)
    if (unknown) {
      rest = rest.slice(Math.max(unknown[0].length, 1))
      continue
    }
    const text = /^[^\u0000-\u001f\u007f]+/.exec(rest)?.[0] ?? rest
    keys.push({ name: 'text', text })
    rest = rest.slice(text.length)
  }
  return keys
}
