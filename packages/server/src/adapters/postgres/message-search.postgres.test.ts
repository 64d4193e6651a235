import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { missing, nodesOver, query, server, TestDatabases } from './test-databases.contract.ts'

describe.skipIf(server === '')(`message search in PostgreSQL${missing}`, () => {
  let databases: TestDatabases
  beforeAll(async () => {
    databases = await TestDatabases.make(1)
  })
  afterAll(() => databases.remove())

  const indexed = async (texts: readonly string[]) => {
    const { node, close } = nodesOver(databases.fresh())
    const { search } = await node()
    await search.index(
      texts.map((text, index) => ({ conversation: 'c', seq: index + 1, id: String(index + 1), text })),
      'here',
    )
    const found = async (words: string) => (await search.search(words, ['c'], 10)).map(({ seq }) => seq)
    return { search, found, close }
  }

  it('finds words without the accents that somebody did not type; the letters of other scripts are whole', async () => {
    const { found, close } = await indexed(['Škoda café naïve', 'ko\u0308ln', 'йод', 'हिन्दी', '日本語 テスト'])
    for (const word of ['skoda', 'CAFE', 'naive', 'café', 'cafe\u0301']) expect(await found(word), word).toEqual([1])
    for (const word of ['köln', 'koln']) expect(await found(word), word).toEqual([2])
    expect([await found('йод'), await found('иод')]).toEqual([[3], []])
    expect([await found('हिन्दी'), await found('हिन')]).toEqual([[4], [4]])
    expect(await found('テスト')).toEqual([5])
    await close()
  })

  it('takes what no column of text would: NUL, halves of characters, endless words, quotes', async () => {
    const odd = ['a\0b', '\ud800x', 'w'.repeat(16_000), `it's '#c' \\ "x" & !y`, `${'é'.repeat(9000)} end`]
    const { found, close } = await indexed(odd)
    expect(await found('b')).toEqual([1])
    expect(await found('x')).toEqual([4, 2])
    expect(await found('w'.repeat(300))).toEqual([3])
    expect(await found(`it's '#c'`)).toEqual([4])
    expect(await found('end')).toEqual([5])
    await close()
  })

  it('two messages in one batch, and one of them twice: the last word counts', async () => {
    const { search, found, close } = await indexed([])
    const at = (seq: number, text: string | undefined) => ({ conversation: 'c', seq, id: String(seq), text })
    await search.index([at(1, 'old'), at(2, 'kept'), at(1, 'new'), at(3, 'gone'), at(3, undefined)], 'here')
    expect([await found('old'), await found('new'), await found('kept'), await found('gone')]).toEqual([
      [],
      [1],
      [2],
      [],
    ])
    await close()
  })

  it('looks only where the conversations’ words are: by the index, whatever else there is', async () => {
    const url = databases.fresh()
    const { node, close } = nodesOver(url)
    const { search } = await node()
    const documents = Array.from({ length: 20_000 }, (_, index) => ({
      conversation: `c${index % 2000}`,
      seq: index + 1,
      id: String(index + 1),
      text: `hello ${index} world`,
    }))
    await search.index(documents, 'here')
    await query(url, 'ANALYZE documents')
    expect(await search.search('hello wor', ['c7', 'c8'], 3)).toEqual(
      [18_009, 18_008, 16_009].map((seq) => ({ conversation: `c${(seq - 1) % 2000}`, seq })),
    )
    const plan = await query<{ 'QUERY PLAN': string }>(
      url,
      `EXPLAIN (ANALYZE) SELECT 1 FROM documents WHERE words @@ $1::tsquery AND conversation = ANY ($2::text[])`,
      [`'hello' & 'wor':* & ('#c7' | '#c8')`, ['c7', 'c8']],
    )
    const text = plan.map((row) => row['QUERY PLAN']).join('\n')
    expect(text).not.toContain('Seq Scan')
    await close()
  })
})
