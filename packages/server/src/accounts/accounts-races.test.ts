import type { SessionAnswer } from '@parley/protocol'
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { AppError, unavailable } from '../lib/errors.ts'
import type { Account } from './account-store.ts'
import { identityOf, memoryAccounts, openAccounts, password, phone } from './service.contract.ts'

type Scheduler = fc.Scheduler

/** A store whose requests arrive, and whose answers come back, when the scheduler says; some answers are lost. */
function delayed<Target extends object>(
  target: Target,
  scheduler: Scheduler,
  on: () => boolean,
  isLost: () => boolean,
): Target {
  return new Proxy(target, {
    get(_, name) {
      const value: unknown = Reflect.get(target, name)
      if (typeof value !== 'function') return value
      return async (...given: unknown[]) => {
        if (on()) await scheduler.schedule(Promise.resolve(), `${String(name)} arrives`)
        const result: unknown = await value.apply(target, given)
        if (on()) await scheduler.schedule(Promise.resolve(), `${String(name)} answers`)
        if (on() && isLost()) throw unavailable('the answer was lost')
        return result
      }
    },
  })
}

const passwords = [password, 'the second one', 'the third one!!']
const users = 2
const who = fc.integer({ min: 0, max: users - 1 })
const device = fc.nat({ max: 3 })
const which = fc.integer({ min: 0, max: passwords.length - 1 })
const step = fc.oneof(
  fc.record({ do: fc.constant('authenticate' as const), who, device }),
  fc.record({ do: fc.constant('logIn' as const), who, which }),
  fc.record({ do: fc.constant('remove' as const), who, device }),
  fc.record({ do: fc.constant('changePassword' as const), who, device, from: which, which }),
  fc.record({ do: fc.constant('block' as const), who }),
  fc.record({ do: fc.constant('unblock' as const), who }),
  fc.record({ do: fc.constant('look' as const), who }),
  fc.record({ do: fc.constant('rename' as const), who, device }),
  fc.record({ do: fc.constant('erase' as const), who, which }),
  fc.record({ do: fc.constant('suspend' as const), who }),
  fc.record({ do: fc.constant('letIn' as const), who }),
)
type Step = typeof step extends fc.Arbitrary<infer Value> ? Value : never

const passwordOf = (account: Account | undefined): string | undefined => account?.password?.split(':')[1]

/** Everything that one run did and saw. */
class Run {
  readonly #stores = memoryAccounts()
  #racing = false
  readonly #allAnswered
  readonly #node
  readonly #people: { logins: SessionAnswer[]; id: string }[] = []
  readonly #gone = new Set<string>()
  /** The password that each device came in with, and those it set. */
  /** Users who were not told that a password change was done. */
  readonly #unsure = new Set<string>()
  readonly #cameWith = new Map<string, Set<string>>()

  /** `lost`: which answers of the store never come, counted from the first. */
  constructor(scheduler: Scheduler, lost: readonly number[]) {
    let answers = 0
    this.#allAnswered = lost.length === 0
    const isLost = (): boolean => lost.includes(answers++)
    const late = <Store extends object>(store: Store) => delayed(store, scheduler, () => this.#racing, isLost)
    const { accounts, devices, blocks } = this.#stores
    this.#node = openAccounts({ stores: { accounts: late(accounts), devices: late(devices), blocks: late(blocks) } })
    this.#node.devices.listen({ revoked: ({ device: id }) => this.#gone.add(id) })
  }

  async begin(): Promise<void> {
    for (let n = 0; n < users; n++) {
      const first = await this.#node.register(`user${n}`)
      const logins = [first, await this.#node.logIn(first)]
      for (const one of logins) this.#cameWith.set(one.device.id, new Set([password]))
      this.#people.push({ logins, id: first.user.id })
    }
    this.#racing = true
  }

  async take(one: Step): Promise<void> {
    try {
      await this.#take(one)
    } catch (error) {
      // What lost a race is refused in the words of the protocol.
      expect(error).toBeInstanceOf(AppError)
    }
  }

  async #take(one: Step): Promise<void> {
    const { accounts, devices, directory } = this.#node
    const person = this.#people[one.who]!
    const other = this.#people[(one.who + 1) % users]!
    const login = 'device' in one ? person.logins[one.device % person.logins.length]! : person.logins[0]!
    switch (one.do) {
      case 'authenticate': {
        const identity = await devices.authenticate(login.token)
        if (identity) expect(this.#gone.has(identity.device), 'a device whose removal was told').toBe(false)
        return
      }
      case 'logIn': {
        const given = passwords[one.which]!
        const made = await accounts.logIn({ username: `user${one.who}`, password: given, device: phone })
        this.#cameWith.set(made.device.id, new Set([given]))
        person.logins.push(made)
        return
      }
      case 'remove':
        return devices.remove(person.id, login.device.id)
      case 'changePassword': {
        const to = passwords[one.which]!
        await accounts.changePassword(identityOf(login), passwords[one.from]!, to).catch((error) => {
          this.#unsure.add(person.id)
          throw error
        })
        this.#cameWith.get(login.device.id)?.add(to)
        return
      }
      case 'block':
        return accounts.block(person.id, other.id)
      case 'unblock':
        return accounts.unblock(person.id, other.id)
      case 'look':
        await Promise.all([directory.users([person.id]), directory.blockedBetween(person.id, other.id)])
        return
      case 'rename':
        await accounts.patchProfile(person.id, { displayName: `name ${one.device}` })
        return
      case 'erase':
        return accounts.erase(identityOf(login), passwords[one.which]!)
      case 'suspend':
        return accounts.suspend(person.id, { at: 1, reason: 'spam', by: '' })
      case 'letIn':
        return accounts.suspend(person.id, undefined)
      default:
        one satisfies never
    }
  }

  /** Everything has come to rest: what is at hand is what is stored, and nobody is in who should not be. */
  async judge(): Promise<void> {
    this.#racing = false
    const { devices, directory } = this.#node
    for (const { id, logins } of this.#people) {
      const [stored] = await this.#stores.accounts.byIds([id])
      const left = await this.#stores.devices.of(id)
      expect(await directory.accounts([id])).toEqual([stored])
      expect([...(await directory.blocksOf(id))]).toEqual(await this.#stores.blocks.of(id))
      for (const { device: one, token } of logins) {
        const there = left.some((stored) => stored.id === one.id)
        expect(await devices.authenticate(token)).toEqual(there ? { user: id, device: one.id } : undefined)
        // Without an answer it is not known that it went: whoever asked is told so, and asks again.
        if (!there) expect(this.#gone.has(one.id) || !this.#allAnswered, 'a removal is told').toBe(true)
        else if (this.#allAnswered || !this.#unsure.has(id))
          expect(this.#cameWith.get(one.id), 'no old password is good enough').toContain(passwordOf(stored))
      }
      if (stored?.deletedAt !== undefined) expect(left).toEqual([])
      // O4. Without an answer whoever asked does not know, and asks again.
      if (stored?.suspension && this.#allAnswered) expect(left, 'nobody is in who is suspended').toEqual([])
      expect(left.length).toBeLessThanOrEqual(10)
      const answered = logins.map((one) => one.device.id)
      for (const one of left) expect(answered, 'a refused log-in leaves nothing').toContain(one.id)
    }
  }
}

async function race(scheduler: Scheduler, steps: readonly Step[], lost: readonly number[]): Promise<void> {
  const run = new Run(scheduler, lost)
  await run.begin()
  await scheduler.waitFor(Promise.all(steps.map((one) => run.take(one))))
  await run.judge()
}

const steps = fc.array(step, { minLength: 2, maxLength: 12 })

it('whatever happens at once: removed devices stay out, old passwords open nothing, what is at hand is what is stored', async () => {
  const property = fc.asyncProperty(fc.scheduler(), steps, (scheduler, taken) => race(scheduler, taken, []))
  await fc.assert(property, { numRuns: 2000 })
})

it('nor when the store does not say whether a change was made', async () => {
  const lost = fc.uniqueArray(fc.nat({ max: 60 }), { minLength: 1, maxLength: 5 })
  const property = fc.asyncProperty(fc.scheduler(), steps, lost, race)
  await fc.assert(property, { numRuns: 2000 })
})
