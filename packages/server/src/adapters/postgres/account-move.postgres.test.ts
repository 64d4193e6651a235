import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { account, created, withDevices } from '../../accounts/fixtures.contract.ts'
import { systemClock } from '../../lib/clock.ts'
import { AccountMove } from '../../migration/account-move.ts'
import { AuditMove } from '../../migration/audit-move.ts'
import { NotificationMove } from '../../migration/notification-move.ts'
import { MemoryPresenceStore } from '../memory/presence-store.ts'
import { type MoveSource, openMoveSource } from '../sqlite/move-source.contract.ts'
import { missing, nodesOver, server, TestDatabases } from './test-databases.contract.ts'

describe.skipIf(server === '')(`users from one process to PostgreSQL${missing}`, () => {
  for (const count of [1, 3]) {
    describe(count === 1 ? 'one database' : 'spread over three', () => {
      let databases: TestDatabases
      beforeAll(async () => {
        databases = await TestDatabases.make(count)
      })
      afterAll(() => databases.remove())

      type Node = Awaited<ReturnType<ReturnType<typeof nodesOver>['node']>>
      const moving = async (use: (source: MoveSource, target: Node, move: AccountMove) => Promise<void>) => {
        const source = await openMoveSource()
        const { node, close } = nodesOver(databases.fresh())
        try {
          const target = await node()
          const times = { source: source.presence, target: new MemoryPresenceStore(systemClock) }
          await use(source, target, new AccountMove(source.exports.accounts, target.accountImport, times))
        } finally {
          await close()
          await source.close()
        }
      }
      const likeness = async (move: AccountMove, users: string[]) =>
        [...(await move.compare(users)).values()].map((comparison) => comparison.likeness)

      it('names, passwords, settings, devices, tokens and blocks are there as here, however often they are brought', () =>
        moving(async (source, target, move) => {
          const odd = await created(source, {
            displayName: 'A \0 and \ud83d',
            settings: { lastSeen: 'nobody' },
            suspension: { at: 5, reason: 'spam', by: 'u1' },
            operator: true,
          })
          const { user, username, devices } = await withDevices(source)
          const others = await Promise.all(Array.from({ length: 20 }, () => created(source)))
          const users = [odd.id, user, ...others.map(({ id }) => id)]
          await source.blocks.add(user, odd.id)
          await source.blocks.add(odd.id, user)
          await source.presence.saveLastOnline([{ user, at: 77 }])
          const all = (await move.page(undefined, 100)).keys
          expect(all.toSorted()).toEqual(users.toSorted())
          for (let n = 0; n < 2; n++) await move.copy(all)
          expect(await likeness(move, all)).toEqual(all.map(() => 'equal'))
          expect(await target.accounts.byUsername(username)).toEqual((await source.accounts.byIds([user]))[0])
          expect((await target.devices.byToken(devices[0].tokenHash))?.id).toBe(devices[0].id)
          expect(await target.blocks.of(user)).toEqual([odd.id])
          expect(await target.accounts.operators()).toMatchObject([{ id: odd.id, suspension: { reason: 'spam' } }])
          // Nobody takes a name that was brought.
          expect(await target.accounts.create(account(username))).toBe(false)
        }))

      it('O8: what operators did is there as here, and what they do meanwhile follows', () =>
        moving(async (source, target) => {
          const move = new AuditMove(source.exports.audit, target.operators)
          const ids = ['9007199254740993', '9007199254740995', '9007199254740997']
          const note = (id = '') => source.operators.note({ id, at: 5, action: 'suspend', reason: 'spam' })
          for (const id of ids.slice(0, 2)) await note(id)
          expect(await move.page(undefined, 2)).toEqual({ keys: ids.slice(0, 2), next: ids[1] })
          for (let n = 0; n < 2; n++) expect(await move.copy(ids)).toBe(2)
          await note(ids[2])
          const { changes } = await source.changes.since(0, 100)
          expect(changes).toContainEqual({ kind: 'audit', key: ids[2] })
          const of = async () => [...(await move.compare(ids)).values()].map(({ likeness }) => likeness)
          expect(await of()).toEqual(['equal', 'equal', 'different'])
          await move.copy(ids)
          expect(await of()).toEqual(['equal', 'equal', 'equal'])
          expect((await target.operators.entries(undefined, 9)).map(({ id }) => id)).toEqual(ids.toReversed())
        }))

      it('I14: where devices are notified, what is due and what they show is there as here, and what changes follows', () =>
        moving(async (source, target, accounts) => {
          const { user, devices } = await withDevices(source)
          const [one, two] = devices
          await accounts.copy([user])
          const move = new NotificationMove(source.exports.notifications, target.notificationImport)
          const alike = async () => (await move.compare([user])).get(user)?.likeness
          const job = { user, conversation: 'c1', seq: 7, position: '9', mentioned: true, dueAt: 500 }
          for (const [{ id: device }, token] of [
            [one, 'first'],
            [two, 'second'],
          ] as const) {
            await source.registrations.set({ user, device, registration: { provider: 'fcm', token } })
            await source.pushes.add([{ ...job, device }])
          }
          expect(await move.page(undefined, 9)).toEqual({ keys: [user], next: undefined })
          for (let n = 0; n < 2; n++) expect(await move.copy([user])).toBe(4)
          expect(await alike()).toBe('equal')
          const { mark } = await source.changes.since(0, 1_000)
          const [claimed] = await source.pushes.claim(500, 1, 1_000)
          await source.pushes.settle([{ ...claimed!, result: 'shown' }])
          const gone = claimed!.device === one.id ? two.id : one.id
          await source.registrations.remove(user, gone)
          await source.pushes.forget(user, gone)
          expect(await alike()).toBe('different')
          const { changes } = await source.changes.since(mark, 1_000)
          expect(new Set(changes.map(({ kind, key }) => `${kind} ${key}`))).toEqual(new Set([`notifications ${user}`]))
          await move.copy([user])
          expect(await alike()).toBe('equal')
          expect(await target.registrations.of([user])).toEqual(await source.registrations.of([user]))
          expect(await target.pushes.claim(1_000, 9, 1)).toEqual([])
          // What it shows is withdrawn there when it is read there.
          await target.pushes.read([{ user, conversation: 'c1', seq: 7 }], 600)
          expect(await target.pushes.claim(1_000, 9, 1)).toMatchObject([{ device: claimed!.device, shown: 7, seq: 7 }])
        }))

      it('what is taken away here goes there: devices, blocks, whole accounts; names stay', () =>
        moving(async (source, target, move) => {
          const { user, username, devices } = await withDevices(source)
          const { user: erased, username: name, devices: theirs } = await withDevices(source)
          await source.blocks.add(user, erased)
          await move.copy([user, erased])
          await source.devices.remove(user, [devices[0].id], 'logged_out')
          await source.blocks.remove(user, erased)
          await source.accounts.change(user, { displayName: 'New', settings: { preview: true } })
          await source.accounts.erase(erased, 99)
          expect(await likeness(move, [user, erased])).toEqual(['different', 'different'])
          await move.copy([user, erased])
          expect(await likeness(move, [user, erased])).toEqual(['equal', 'equal'])
          expect(await target.devices.byToken(devices[0].tokenHash)).toBeUndefined()
          expect((await target.devices.of(user)).map(({ id }) => id)).toEqual([devices[1].id])
          expect(await target.devices.byToken(theirs[0].tokenHash)).toBeUndefined()
          expect(await target.blocks.of(user)).toEqual([])
          expect(await target.accounts.byUsername(name)).toBeUndefined()
          expect(await target.accounts.create(account(name))).toBe(false)
          expect((await target.accounts.byUsername(username))?.displayName).toBe('New')
        }))

      it('a name that belongs to somebody else there is no mere difference: it is refused', () =>
        moving(async (source, target, move) => {
          const { id, username } = await created(source)
          await target.accounts.create(account(username))
          await expect(move.copy([id])).rejects.toThrow(`The name ${username} belongs to another user there.`)
          expect(await target.accounts.byIds([id])).toEqual([])
        }))
    })
  }
})
