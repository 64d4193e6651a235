import type { Conversation } from '@parley/protocol'
import { afterEach, describe, expect, it } from 'vitest'
import { unavailable } from '../lib/errors.ts'
import type { ConversationLog } from '../log/conversation-log.ts'
import type { TierPolicy } from '../media/tiering.ts'
import { type MediaPerson, openMediaNode } from './memory-media.contract.ts'

const day = 24 * 3_600_000
const closing: (() => Promise<void>)[] = []
afterEach(async () => {
  for (const close of closing.splice(0)) await close()
})

async function open(log?: (log: ConversationLog) => ConversationLog, tiers?: TierPolicy) {
  const node = await openMediaNode(log, tiers)
  closing.push(node.close)
  const [ann, bob, eve] = [await node.person('ann_'), await node.person('bob_'), await node.person('eve_')]
  const group = async (by: MediaPerson, members: MediaPerson[], more: object = {}) => {
    const body = { title: 'ours', members: members.map(({ user }) => user), ...more }
    return (await by.call<Conversation>('POST', '/v1/conversations', { body })).body.id
  }
  /** The janitor comes by, again and again, for so long. */
  const pass = async (time: number) => {
    for (let left = time; left > 0; left -= day / 2) {
      node.clock.jump(Math.min(left, day / 2))
      await node.services.sweep.sweep()
    }
  }
  return { ...node, ann, bob, eve, group, pass }
}

/** A log whose next append is stored, and whose process never hears of it. */
function deafLog() {
  let deaf = false
  const alter = (log: ConversationLog): ConversationLog =>
    new Proxy(log, {
      get: (target, name) => {
        const value: unknown = Reflect.get(target, name)
        if (typeof value !== 'function') return value
        if (name !== 'append') return value.bind(target)
        return async (...args: unknown[]) => {
          const outcome: unknown = await value.apply(target, args)
          if (deaf) throw unavailable('not heard of')
          return outcome
        }
      },
    })
  return { alter, deafen: () => (deaf = true), hear: () => (deaf = false) }
}

describe('media and what carries them', () => {
  it('M2, C4: is read by members, and by nobody else; who may read it may send it on', async () => {
    const { ann, bob, eve, group } = await open()
    const media = await ann.upload('secret')
    const first = await group(ann, [bob])
    expect(await bob.read(media.id), 'before it is sent').toBe('not_found')
    await expect(bob.send(first, 'm0', media.id)).rejects.toMatchObject({ code: 'not_found' })
    await ann.send(first, 'm1', media.id)
    expect([await ann.read(media.id), await bob.read(media.id), await eve.read(media.id)]).toEqual([
      '307',
      '307',
      'not_found',
    ])
    const second = await group(bob, [eve])
    await expect(eve.send(second, 'm0', media.id)).rejects.toMatchObject({ code: 'not_found' })
    await bob.send(second, 'm1', media.id)
    expect(await eve.read(media.id)).toBe('307')
  })

  it('D5: is for the time of a membership', async () => {
    const { ann, bob, eve, group } = await open()
    const conversation = await group(ann, [bob])
    const [before, after] = [await ann.upload('before'), await ann.upload('after')]
    await ann.send(conversation, 'm1', before.id)
    const member = { params: { conversation, userId: eve.user } }
    await ann.call('PUT', '/v1/conversations/:conversation/members/:userId', { ...member, body: {} })
    await ann.send(conversation, 'm2', after.id)
    expect([await eve.read(before.id), await eve.read(after.id)]).toEqual(['not_found', '307'])
    await ann.call('PATCH', '/v1/conversations/:conversation', { params: { conversation }, body: { history: 'all' } })
    expect(await eve.read(before.id)).toBe('307')
    await ann.call('DELETE', '/v1/conversations/:conversation/members/:userId', member)
    expect([await eve.read(before.id), await eve.read(after.id)]).toEqual(['not_found', 'not_found'])
  })

  it('what was deleted for me is not for me; for everyone, it is gone with its bytes', async () => {
    const { ann, bob, group, rows } = await open()
    const conversation = await group(ann, [bob])
    const media = await ann.upload('regretted')
    await ann.send(conversation, 'm1', media.id)
    await ann.send(conversation, 'm2', media.id)
    const path = '/v1/conversations/:conversation/messages/:seq'
    const remove = (who: MediaPerson, seq: number, query: object = {}) =>
      who.call('DELETE', path, { params: { conversation, seq }, query })
    for (const seq of [2, 3]) await remove(bob, seq, { for: 'me' })
    expect(await bob.read(media.id)).toBe('not_found')
    expect(await ann.read(media.id)).toBe('307')
    await remove(ann, 2)
    await settle()
    expect(await ann.read(media.id), 'another message has it').toBe('307')
    await remove(ann, 3)
    await settle()
    expect(await ann.read(media.id)).toBe('not_found')
    expect([rows.media.size, rows.objects.size]).toEqual([0, 0])
  })

  it('D2: a send that is repeated is the same, whatever of its media is told again', async () => {
    const { ann, bob, group } = await open()
    const conversation = await group(ann, [bob])
    const media = await ann.upload('once')
    const { body } = await ann.send(conversation, 'm1', media.id, 'look')
    const again = await ann.call<object>('POST', '/v1/conversations/:conversation/messages', {
      params: { conversation },
      body: { clientMessageId: 'm1', content: { media: { ...media, caption: 'look' } } },
    })
    expect(again).toMatchObject({ status: 200, body: { seq: body.seq, duplicate: true } })
    await expect(ann.send(conversation, 'm1', media.id, 'other')).rejects.toMatchObject({ code: 'conflict' })
  })

  it('I10: a message whose process died when it was stored keeps its media, and shows them', async () => {
    const { alter, deafen, hear } = deafLog()
    const { ann, bob, group, pass } = await open(alter)
    const conversation = await group(ann, [bob])
    const media = await ann.upload('kept')
    deafen()
    await expect(ann.send(conversation, 'm1', media.id)).rejects.toMatchObject({ code: 'unavailable' })
    hear()
    expect(await bob.read(media.id)).toBe('307')
    await pass(5 * day)
    expect(await bob.read(media.id)).toBe('307')
  })

  it('I10: what was about to be deleted and was not stays', async () => {
    const { ann, bob, group, services, pass } = await open()
    const conversation = await group(ann, [bob])
    const media = await ann.upload('stays')
    await ann.send(conversation, 'm1', media.id)
    // The process dies here, before the deletion is stored.
    await services.attachments.detaching([media.id], conversation, 2)
    await pass(3 * day)
    expect(await bob.read(media.id)).toBe('307')
  })

  it('what was deleted by a process that died then goes all the same', async () => {
    const { alter, deafen, hear } = deafLog()
    const { ann, bob, group, pass, rows } = await open(alter)
    const conversation = await group(ann, [bob])
    const media = await ann.upload('goes')
    await ann.send(conversation, 'm1', media.id)
    deafen()
    const deletion = ann.call('DELETE', '/v1/conversations/:conversation/messages/:seq', {
      params: { conversation, seq: 2 },
    })
    await expect(deletion).rejects.toMatchObject({ code: 'unavailable' })
    hear()
    expect(await bob.read(media.id)).toBe('not_found')
    await pass(3 * day)
    expect([rows.media.size, rows.objects.size]).toEqual([0, 0])
  })

  it('what is not sent within a day goes, finished or not; what is sent stays', async () => {
    const { ann, bob, group, pass, rows } = await open()
    const conversation = await group(ann, [bob])
    await ann.announce(new TextEncoder().encode('never comes'))
    const [idle, sent] = [await ann.upload('idle'), await ann.upload('sent')]
    await ann.send(conversation, 'm1', sent.id)
    await pass(day / 2)
    expect([await ann.read(idle.id), rows.media.size]).toEqual(['307', 3])
    await pass(2 * day)
    expect(await ann.read(idle.id)).toBe('not_found')
    expect([rows.media.size, rows.objects.size]).toEqual([1, 1])
    await expect(ann.send(conversation, 'm2', idle.id)).rejects.toMatchObject({ code: 'not_found' })
  })

  it('the same bytes are stored once, until the last who has them goes', async () => {
    const { ann, bob, rows } = await open()
    const [one, two] = [await ann.upload('the same'), await bob.upload('the same')]
    expect(one.id).not.toBe(two.id)
    expect(rows.objects.size).toBe(1)
    await ann.call('DELETE', '/v1/media/:id', { params: { id: one.id } })
    expect(await bob.read(two.id)).toBe('307')
    await bob.call('DELETE', '/v1/media/:id', { params: { id: two.id } })
  })

  it('edits may bring other media, which are read and kept like those of the message', async () => {
    const { ann, bob, group, pass } = await open()
    const conversation = await group(ann, [bob])
    const [first, second] = [await ann.upload('first'), await ann.upload('second')]
    await ann.send(conversation, 'm1', first.id)
    await ann.call('PATCH', '/v1/conversations/:conversation/messages/:seq', {
      params: { conversation, seq: 2 },
      body: { content: { media: { id: second.id } } },
    })
    await pass(3 * day)
    expect([await bob.read(first.id), await bob.read(second.id)]).toEqual(['307', '307'])
  })

  it('M4: what nobody reads for long is put away, as each conversation wants it, and restored when it is read', async () => {
    const conversations = new Map<string, number | undefined>()
    const { ann, bob, group, pass, rows, services } = await open(undefined, { days: 30, conversations })
    const [usual, never, both] = [await ann.upload('usual'), await ann.upload('never'), await ann.upload('both')]
    const picture = await ann.upload('read each week')
    const [a, b] = [await group(ann, [bob]), await group(ann, [bob])]
    conversations.set(b, undefined)
    await ann.send(a, 'm1', usual.id)
    await ann.send(b, 'm1', never.id)
    for (const conversation of [a, b]) await ann.send(conversation, 'm2', both.id)
    await ann.send(a, 'm3', picture.id)
    const cold = () => [...rows.objects.values()].filter(({ tier }) => tier === 'cold').length
    for (let week = 0; week < 6; week++) {
      await pass(7 * day)
      await bob.read(picture.id)
      await services.reads.flush()
      expect(cold()).toBe(week < 4 ? 0 : 1)
    }
    expect(await bob.read(usual.id)).toBe('307')
    expect(cold()).toBe(0)
  })

  it('C5: sizes and quota are refused as limits say', async () => {
    const { ann } = await open()
    const announce = (size: number) =>
      ann.call('POST', '/v1/media', { body: { size, type: 'a/b', sha256: '0'.repeat(64) } })
    await expect(announce(101 * 1024 ** 2)).rejects.toMatchObject({ code: 'too_large', field: 'size' })
    for (let n = 0; n < 102; n++) await announce(100 * 1024 ** 2)
    await expect(announce(100 * 1024 ** 2)).rejects.toMatchObject({ code: 'limit_reached' })
  })
})

/** What goes on behind an answer is done. */
const settle = async (): Promise<void> => {
  for (let turn = 0; turn < 50; turn++) await Promise.resolve()
}
