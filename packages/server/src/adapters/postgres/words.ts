/** Characters; what is behind them in a word is not looked at. PostgreSQL takes 2 KB. */
const longestWord = 200

/**
 * The words of a text, for index and query alike: small letters, Latin ones without their accents, as SQLite's
 * tokenizer has them. Made here and not by the server, whose idea of a letter depends on the locale of its data.
 */
export function wordsOf(text: string): string[] {
  const folded = text
    .normalize('NFD')
    .replace(/(\p{Script=Latin})\p{Mn}+/gu, '$1')
    .normalize('NFC')
    .toLowerCase()
  return (folded.match(/[\p{L}\p{N}\p{M}]+/gu) ?? []).map((word) => word.slice(0, longestWord).toWellFormed())
}

/** Stands for a conversation among the words of its messages; no word begins so. */
export const conversationWord = (conversation: string): string => `#${conversation}`

/** A `tsquery` for all words, the last one as a beginning, in one of the conversations. Undefined: nothing is asked. */
export function tsquery(words: readonly string[], conversations: readonly string[]): string | undefined {
  const last = words.at(-1)
  if (last === undefined || conversations.length === 0) return undefined
  const whole = words.slice(0, -1).map(quoted)
  const where = conversations.map((one) => quoted(conversationWord(one)))
  return [...whole, `${quoted(last)}:*`, `(${where.join(' | ')})`].join(' & ')
}

const quoted = (word: string): string => `'${word.replace(/['\\]/g, '$&$&')}'`
