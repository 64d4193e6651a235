import { conversationStoreRules } from '../../conversations/conversation-store.contract.ts'
import { unavailable } from '../../lib/errors.ts'
import { messageSearchRules } from '../../messages/message-search.contract.ts'
import { receiptStoreRules } from '../../messages/receipt-store.contract.ts'
import { pairKey } from '../memory/stores.ts'

import { altered, describePlanted } from './planting.contract.ts'

describePlanted('conversation store', conversationStoreRules, {
  'read marks move back': ({ conversations }, stores) => ({
    conversations: altered(conversations, {
      saveReadMark: async (user, id, mark, update) => {
        const places = await conversations.saveReadMark(user, id, mark, update)
        stores.marks.set(pairKey(user, id), mark)
        return places
      },
    }),
  }),
  'a direct conversation is made again': ({ conversations }, stores) => ({
    conversations: altered(conversations, {
      createDirect: async (record, creator) => {
        stores.conversations.delete(record.id)
        return conversations.createDirect(record, creator)
      },
    }),
  }),
  'an empty direct conversation is in both inboxes': ({ conversations }, stores) => ({
    conversations: altered(conversations, {
      inbox: (user, before, limit) => {
        for (const stored of stores.conversations.values()) if (stored.record?.members.has(user)) stored.creator = user
        return conversations.inbox(user, before, limit)
      },
    }),
  }),
  'rows of the same time are skipped between pages': ({ conversations }) => ({
    conversations: altered(conversations, {
      inbox: async (user, before, limit) => {
        const rows = await conversations.inbox(user, undefined, 1000)
        return rows.filter((row) => !before || row.at < before.at).slice(0, limit)
      },
    }),
  }),
  'who has left is still a member by user': ({ conversations }, stores) => ({
    conversations: altered(conversations, {
      conversationsOf: async (user) =>
        [...stores.conversations].flatMap(([id, { record }]) => (record?.members.has(user) ? id : [])),
    }),
  }),
  'a stale member list': ({ conversations }) => {
    const first = new Map<string, Awaited<ReturnType<typeof conversations.load>>>()
    return {
      conversations: altered(conversations, {
        load: async (id) => {
          const loaded = await conversations.load(id)
          const known = first.get(id) ?? loaded
          first.set(id, known)
          return loaded && known && { ...loaded, record: { ...loaded.record, members: known.record.members } }
        },
      }),
    }
  },
  'settings are merged': ({ conversations }) => ({
    conversations: altered(conversations, {
      saveSettings: async (user, id, { settings, at }, update) => {
        const before = await conversations.settings(user, id)
        return conversations.saveSettings(user, id, { settings: { ...before.settings, ...settings }, at }, update)
      },
    }),
  }),
  'settings are saved, and told in a second step that may fail': ({ conversations }, stores) => {
    let saves = 0
    return {
      conversations: altered(conversations, {
        saveSettings: async (user, id, settings, update) => {
          stores.settings.set(pairKey(user, id), settings)
          if (++saves % 7 === 0) throw unavailable('The second step was not done.')
          return conversations.saveSettings(user, id, settings, update)
        },
      }),
    }
  },
  'a read mark is told, and saved in a second step that may fail': ({ conversations, queue }) => {
    let saves = 0
    return {
      conversations: altered(conversations, {
        saveReadMark: async (user, id, mark, update) => {
          if (++saves % 7 !== 0) return conversations.saveReadMark(user, id, mark, update)
          await queue.put([{ user, update }])
          throw unavailable('The second step was not done.')
        },
      }),
    }
  },
  'what is hidden is told at another place': ({ conversations, queue }) => ({
    conversations: altered(conversations, {
      hide: async (user, id, seq, update) => {
        await conversations.hide(user, id, seq, update)
        return queue.put([{ user, update: '{}' }])
      },
    }),
  }),
  'of settings the last that arrive stay': ({ conversations, queue }, stores) => ({
    conversations: altered(conversations, {
      saveSettings: async (user, id, settings, update) => {
        stores.settings.set(pairKey(user, id), settings)
        return queue.put([{ user, update }])
      },
    }),
  }),
  'hiding is for everybody': ({ conversations }, stores) => ({
    conversations: altered(conversations, {
      hidden: async (_, id) => [...stores.hidden].flatMap(([key, seqs]) => (key.endsWith(` ${id}`) ? [...seqs] : [])),
    }),
  }),
  'a star is for everybody': ({ conversations }, stores) => ({
    conversations: altered(conversations, {
      starsIn: async (_, id) => [...stores.stars.values()].flat().filter(({ conversation }) => conversation === id),
    }),
  }),
  'a star that was taken away comes back': ({ conversations }) => ({
    conversations: altered(conversations, {
      star: (user, star, starred, update) => conversations.star(user, star, starred || star.seq === 7, update),
    }),
  }),
  'what is cleared moves back': ({ conversations }, stores) => ({
    conversations: altered(conversations, {
      clear: async (user, id, upTo, update) => {
        stores.cleared.delete(pairKey(user, id))
        return conversations.clear(user, id, upTo, update)
      },
    }),
  }),
  'activity in no order': ({ conversations }) => ({
    conversations: altered(conversations, {
      activeSince: async (at, limit) => (await conversations.activeSince(at, limit)).reverse(),
    }),
  }),
})

describePlanted('receipt store', receiptStoreRules, {
  'watermarks move back': ({ receipts }, stores) => ({
    receipts: altered(receipts, {
      save: async (watermarks, notices) => {
        for (const watermark of watermarks) {
          const rows = stores.watermarks.get(watermark.conversation) ?? []
          stores.watermarks.set(watermark.conversation, [...rows, watermark])
        }
        return receipts.save([], notices)
      },
    }),
  }),
  'only the newest watermark is kept': ({ receipts }, stores) => ({
    receipts: altered(receipts, {
      save: async (watermarks, notices) => {
        const places = await receipts.save(watermarks, notices)
        for (const { conversation } of watermarks)
          stores.watermarks.set(conversation, await receipts.latest(conversation))
        return places
      },
    }),
  }),
  'a row for every watermark': ({ receipts }, stores) => ({
    receipts: altered(receipts, {
      save: async (watermarks, notices) => {
        for (const watermark of watermarks) {
          const rows = stores.watermarks.get(watermark.conversation) ?? []
          const same = rows.filter((row) => row.user === watermark.user && row.kind === watermark.kind)
          if ((same.at(-1)?.upTo ?? 0) < watermark.upTo) rows.push(watermark)
          stores.watermarks.set(watermark.conversation, rows)
        }
        return receipts.save([], notices)
      },
    }),
  }),
  'covering begins behind the message': ({ receipts }) => ({
    receipts: altered(receipts, { firstCovering: (id, seq) => receipts.firstCovering(id, seq + 1) }),
  }),
  'the first one beyond a page is missing': ({ receipts }) => ({
    receipts: altered(receipts, {
      covering: async (id, users, from, to) =>
        (await receipts.covering(id, users, from, to)).filter((row) => row.upTo <= to),
    }),
  }),
  'delivered and read are one': ({ receipts }) => ({
    receipts: altered(receipts, {
      save: (watermarks, notices) =>
        receipts.save(
          watermarks.map((watermark) => ({ ...watermark, kind: 'read' })),
          notices,
        ),
    }),
  }),
  'watermarks are saved, and told in a second step that may fail': ({ receipts }) => {
    let saves = 0
    return {
      receipts: altered(receipts, {
        save: async (watermarks, notices) => {
          await receipts.save(watermarks, [])
          if (++saves % 7 === 0) throw unavailable('The second step was not done.')
          return receipts.save([], notices)
        },
      }),
    }
  },
  'authors are told of what is not stored': ({ receipts }) => {
    let saves = 0
    return {
      receipts: altered(receipts, {
        save: async (watermarks, notices) => {
          const places = await receipts.save([], notices)
          if (++saves % 7 === 0) throw unavailable('The second step was not done.')
          await receipts.save(watermarks, [])
          return places
        },
      }),
    }
  },
  'places are of another order than the notices': ({ receipts }) => ({
    receipts: altered(receipts, {
      save: async (watermarks, notices) => (await receipts.save(watermarks, notices)).reverse(),
    }),
  }),
})

describePlanted('message search', messageSearchRules, {
  'any word will do': ({ search }) => ({
    search: altered(search, {
      search: async (query, ids, limit) => {
        const all = await Promise.all(query.split(' ').map((word) => search.search(word, ids, limit)))
        return all.flat().filter((hit, index, hits) => hits.findIndex((other) => other.seq === hit.seq) === index)
      },
    }),
  }),
  'everybody finds everything': ({ search }, stores) => ({
    search: altered(search, {
      search: (query, _, limit) =>
        search.search(
          query,
          [...stores.documents.values()].map((document) => document.conversation),
          limit,
        ),
    }),
  }),
  'an edited message is also found by its old words': ({ search }, stores) => ({
    search: altered(search, {
      index: (documents, position) => {
        const merged = documents.map((document) => {
          const old = stores.documents.get(pairKey(document.conversation, String(document.seq)))
          return document.text && old ? { ...document, text: `${old.text} ${document.text}` } : document
        })
        return search.index(merged, position)
      },
    }),
  }),
  'removed messages are found': ({ search }) => ({
    search: altered(search, {
      index: (documents, position) =>
        search.index(
          documents.filter((document) => document.text),
          position,
        ),
    }),
  }),
  'oldest first': ({ search }) => ({
    search: altered(search, {
      search: async (query, ids, limit) => (await search.search(query, ids, limit)).reverse(),
    }),
  }),
  'the position is not kept': ({ search }) => ({ search: altered(search, { position: async () => undefined }) }),
})
