import { fit, harmless, wrap } from './text.ts'

export interface ChatLine {
  seq: number | undefined
  name: string
  own: boolean
  time: string
  text: string
  /** Sent, delivered, read; waiting. Own messages only. */
  mark: '' | '…' | '✓' | '✓✓' | '✓✓ read'
  note: string
}

export interface ListItem {
  title: string
  unread: number
  online: boolean
  selected: boolean
}

/** All that is shown; drawn anew as a whole. */
export interface View {
  status: string
  items: readonly ListItem[]
  title: string
  subtitle: string
  lines: readonly ChatLine[]
  /** Lines of text scrolled up from the end. */
  scroll: number
  input: string
  hint: string
}

const bold = (text: string): string => `\u001b[1m${text}\u001b[22m`
const dim = (text: string): string => `\u001b[2m${text}\u001b[22m`
const inverse = (text: string): string => `\u001b[7m${text}\u001b[27m`

/** Rows of the screen, each `columns` cells wide. The list gives way on a narrow one. */
export function draw(view: View, columns: number, rows: number): string[] {
  const listWidth = columns >= 60 ? Math.min(28, Math.floor(columns / 3)) : 0
  const chatWidth = columns - listWidth - (listWidth > 0 ? 1 : 0)
  const bodyRows = Math.max(rows - 4, 1)
  const list = drawList(view.items, listWidth, bodyRows)
  const chat = drawChat(view, chatWidth, bodyRows)
  const body = Array.from({ length: bodyRows }, (_, row) =>
    listWidth > 0 ? `${list[row] ?? ''}${dim('│')}${chat[row] ?? ''}` : (chat[row] ?? ''),
  )
  const heading = view.subtitle === '' ? view.title : `${view.title} · ${view.subtitle}`
  const input = fit(`> ${tail(view.input, columns - 4)}▏`, columns)
  return [
    inverse(fit(` Parley  ${heading}`, columns)),
    ...body,
    dim('─'.repeat(columns)),
    input,
    dim(fit(` ${view.status}  ${view.hint}`, columns)),
  ].slice(0, rows)
}

/** The end of a long input is what is being written. */
function tail(text: string, width: number): string {
  const all = [...text]
  return all.length <= width ? text : `…${all.slice(all.length - width + 1).join('')}`
}

function drawList(items: readonly ListItem[], width: number, rows: number): string[] {
  if (width === 0) return []
  const selected = Math.max(
    0,
    items.findIndex((item) => item.selected),
  )
  const first = Math.max(0, Math.min(selected - Math.floor(rows / 2), items.length - rows))
  const shown = items.slice(first, first + rows).map((item) => {
    const unread = item.unread > 0 ? ` ${item.unread > 999 ? '999+' : item.unread}` : ''
    const row = `${item.online ? '●' : ' '} ${fit(harmless(item.title), width - 3 - unread.length)}${unread} `
    return item.selected ? inverse(row) : item.unread > 0 ? bold(row) : row
  })
  while (shown.length < rows) shown.push(' '.repeat(width))
  return shown
}

/** Only as many messages are laid out as can be seen: 10,000 cost no more than a page. */
function drawChat({ lines, scroll }: View, width: number, rows: number): string[] {
  const needed = rows + scroll
  const laidOut: string[] = []
  for (let index = lines.length - 1; index >= 0 && laidOut.length < needed; index--) {
    laidOut.unshift(...drawMessage(lines[index] as ChatLine, width))
  }
  const end = Math.max(laidOut.length - scroll, Math.min(rows, laidOut.length))
  const visible = laidOut.slice(Math.max(0, end - rows), end)
  while (visible.length < rows) visible.unshift(' '.repeat(width))
  return visible
}

function drawMessage(line: ChatLine, width: number): string[] {
  const head = `${line.own ? 'You' : harmless(line.name)}  ${line.time} ${line.mark}${line.note === '' ? '' : ` ${line.note}`}`
  const text = wrap(harmless(line.text), width - 3)
  return [(line.own ? dim : bold)(fit(` ${head}`, width)), ...text.map((row) => fit(`   ${row}`, width))]
}
