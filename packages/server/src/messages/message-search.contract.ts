import { expect } from 'vitest'
import { type Rules, retry, unique } from '../lib/stores.contract.ts'
import type { MessageSearch, SearchDocument } from './message-search.ts'

export interface SearchNode {
  search: MessageSearch
}

/** An index with messages in one conversation; their seqs and ids grow in the order given. */
async function indexed({ search }: SearchNode, texts: readonly string[]) {
  const conversation = unique('c')
  const documents = texts.map((text, index): SearchDocument => document(conversation, index + 1, text))
  await retry(() => search.index(documents, 'here'))
  const found = async (query: string, limit = 50) => {
    const hits = await retry(() => search.search(query, [conversation], limit))
    expect(hits.every((hit) => hit.conversation === conversation)).toBe(true)
    return hits.map((hit) => hit.seq)
  }
  return { conversation, found }
}

function document(conversation: string, seq: number, text: string | undefined): SearchDocument {
  return { conversation, seq, id: String(7_000_000_000_000_000_000n + BigInt(seq)), text }
}

export const messageSearchRules: Rules<SearchNode> = {
  'finds messages that hold all words, newest first': async (stores) => {
    const texts = ['the quick brown fox', 'a slow brown bear', 'quick, quick!', 'nothing here']
    const { found } = await indexed(await stores.node(), texts)
    expect(await found('brown')).toEqual([2, 1])
    expect(await found('brown quick')).toEqual([1])
    expect(await found('quick')).toEqual([3, 1])
    expect(await found('quick', 1)).toEqual([3])
    expect(await found('unheard')).toEqual([])
  },

  'whatever the case, in any script, punctuation aside': async (stores) => {
    const { found } = await indexed(await stores.node(), ['Grüße aus KÖLN!', 'встреча Завтра', 'mail: bob@example.org'])
    expect(await found('köln')).toEqual([1])
    expect(await found('GRÜSSE')).toEqual([])
    expect(await found('Grüße')).toEqual([1])
    expect(await found('завтра')).toEqual([2])
    expect(await found('bob@example.org')).toEqual([3])
  },

  'the last word may be the beginning of one, the others may not': async (stores) => {
    const { found } = await indexed(await stores.node(), ['meeting tomorrow morning'])
    expect(await found('meeting tomo')).toEqual([1])
    expect(await found('meet tomorrow')).toEqual([])
    expect(await found('morrow')).toEqual([])
  },

  'a query has no syntax': async (stores) => {
    const { found } = await indexed(await stores.node(), ['alpha beta or not near', 'gamma'])
    for (const query of ['"', '*', '""', '(', 'a* OR', "'; DROP", '-', ':', '^', '{}', '\\', '&', '|', '!', '']) {
      expect(await found(query), query).toEqual(await found(query))
    }
    expect(await found('alpha OR gamma')).toEqual([])
    expect(await found('alpha NOT gamma')).toEqual([])
    expect(await found('-alpha')).toEqual([1])
    expect(await found('al*')).toEqual([1])
    expect(await found('beta "alpha"')).toEqual([1])
    expect(await found('alpha & beta')).toEqual([1])
    expect(await found('... !')).toEqual([])
    expect(await found('')).toEqual([])
  },

  'C4: finds nothing outside the conversations asked for': async (stores) => {
    const node = await stores.node()
    const one = await indexed(node, ['secret plan'])
    const two = await indexed(node, ['secret party'])
    expect(await one.found('secret')).toEqual([1])
    const both = await retry(() => node.search.search('secret', [one.conversation, two.conversation], 10))
    expect(new Set(both.map((hit) => hit.conversation))).toEqual(new Set([one.conversation, two.conversation]))
    expect(await retry(() => node.search.search('secret', [], 10))).toEqual([])
    const many = Array.from({ length: 1500 }, () => unique('c'))
    expect(await retry(() => node.search.search('secret', [...many, two.conversation], 10))).toEqual([
      { conversation: two.conversation, seq: 1 },
    ])
  },

  'an edited message is found by its new words, in its old place; a removed one no more': async (stores) => {
    const [node, other] = [await stores.node(1), await stores.node(2)]
    const { conversation, found } = await indexed(node, ['old words', 'more words', 'last words'])
    await retry(() => other.search.index([document(conversation, 1, 'new words')], 'there'))
    expect(await found('old')).toEqual([])
    expect(await found('new')).toEqual([1])
    expect(await found('words')).toEqual([3, 2, 1])
    await retry(() => other.search.index([document(conversation, 2, undefined)], 'there'))
    expect(await found('words')).toEqual([3, 1])
    await retry(() => other.search.index([document(conversation, 9, undefined)], 'there'))
  },

  'indexing again changes nothing but the position': async (stores) => {
    const [node, other] = [await stores.node(1), await stores.node(2)]
    const { conversation, found } = await indexed(node, ['once'])
    for (const position of ['p1', 'p2']) {
      await retry(() => node.search.index([document(conversation, 1, 'once')], position))
      expect(await retry(() => other.search.position())).toBe(position)
    }
    expect(await found('once')).toEqual([1])
    await retry(() => node.search.index([], 'p3'))
    expect(await retry(() => other.search.position())).toBe('p3')
    await retry(() => node.search.index([document(conversation, 2, 'more')], undefined))
    expect([await found('more'), await retry(() => other.search.position())]).toEqual([[2], 'p3'])
  },

  'an index that nothing was put in has no position': async (stores) => {
    const node = await stores.node()
    expect(await retry(() => node.search.position())).toBeUndefined()
  },
}
