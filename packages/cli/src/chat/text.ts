/** Terminal cells that a character takes; combining marks take none, wide scripts and emoji two. */
function cellsOf(character: string): number {
  if (/^[\p{Mn}\p{Me}\p{Cf}]/u.test(character)) return 0
  return /^(\p{Extended_Pictographic}|[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6])/u.test(
    character,
  )
    ? 2
    : 1
}

const segments = new Intl.Segmenter(undefined, { granularity: 'grapheme' })
const characters = (text: string): string[] => [...segments.segment(text)].map(({ segment }) => segment)

/** Text of others may hold anything: what a terminal would obey is shown as a dot, and directions cannot be turned. */
export function harmless(text: string): string {
  return text.replace(/\t/g, '  ').replace(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/g, '·')
}

export function widthOf(text: string): number {
  return characters(text).reduce((sum, character) => sum + cellsOf(character), 0)
}

/** The beginning of `text` that fits, with an ellipsis where something is missing, filled up to `width`. */
export function fit(text: string, width: number): string {
  if (width <= 0) return ''
  const all = characters(text)
  let used = 0
  let cut = ''
  for (const character of all) {
    const cells = cellsOf(character)
    if (used + cells > width) {
      while (used > width - 1) {
        const last = characters(cut).at(-1) as string
        cut = cut.slice(0, cut.length - last.length)
        used -= cellsOf(last)
      }
      return `${cut}…${' '.repeat(width - used - 1)}`
    }
    cut += character
    used += cells
  }
  return cut + ' '.repeat(width - used)
}

/** Lines of at most `width` cells, broken between words where there are some. */
export function wrap(text: string, width: number): string[] {
  return text.split('\n').flatMap((line) => wrapLine(line, Math.max(width, 4)))
}

function wrapLine(line: string, width: number): string[] {
  const lines: string[] = []
  let current = ''
  let used = 0
  for (const word of line.split(/(?<= )/)) {
    const cells = widthOf(word.trimEnd())
    if (used + cells <= width) {
      current += word
      used += widthOf(word)
      continue
    }
    if (current !== '') lines.push(current.trimEnd())
    current = ''
    used = 0
    for (const character of characters(word)) {
      if (used + cellsOf(character) > width) {
        lines.push(current)
        current = ''
        used = 0
      }
      current += character
      used += cellsOf(character)
    }
  }
  lines.push(current.trimEnd())
  return lines
}
