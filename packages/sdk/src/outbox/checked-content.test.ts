import { type Content, sendSchema } from '@parley/protocol'
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { checkedContent } from './checked-content.ts'

/** One that is mostly right, and in each place sometimes wrong. */
const mostly = <T>(right: fc.Arbitrary<T>, ...wrong: unknown[]): fc.Arbitrary<T | undefined> =>
  fc.oneof(
    { weight: 6, arbitrary: right },
    { weight: 3, arbitrary: fc.constant(undefined) },
    { weight: 1, arbitrary: fc.constantFrom(undefined, ...(wrong as T[])) },
  )

const id = fc.string({ unit: fc.constantFrom(...'abcXYZ019_-'), minLength: 1, maxLength: 64 })
const word = fc.string({ minLength: 1, maxLength: 20 })
const media = fc.record({
  id: fc.oneof(id, fc.constantFrom('', 'ö', 'a'.repeat(65))),
  caption: mostly(fc.string(), 'x'.repeat(4097)),
  duration: mostly(fc.double({ noNaN: true, noDefaultInfinity: true }), Number.NaN, 'long'),
  width: mostly(fc.nat(), 1.5),
  waveform: mostly(fc.array(fc.nat()), ['x'], 'x'),
  unknown: fc.constantFrom(undefined, 1),
})
const location = fc.record({
  lat: fc.oneof(fc.integer({ min: -90, max: 90 }), fc.constantFrom(91, Number.NaN)),
  lon: fc.oneof(fc.integer({ min: -180, max: 180 }), fc.constantFrom(-181, '1')),
  name: mostly(word, 'x'.repeat(257)),
})
const contact = fc.record({
  name: fc.oneof(word, fc.constant('')),
  phones: mostly(fc.array(word, { maxLength: 16 }), Array(17).fill('1'), ['']),
  user: mostly(id, 'not an id'),
})
const draft = fc.record({
  conversation: fc.oneof({ weight: 9, arbitrary: id }, { weight: 1, arbitrary: fc.constantFrom('', 'a b') }),
  clientMessageId: fc.oneof({ weight: 9, arbitrary: id }, { weight: 1, arbitrary: fc.constantFrom('', 'a b') }),
  replyTo: mostly(fc.integer({ min: 1, max: 1e9 }), 0, 1.5),
  mentions: mostly(fc.array(id, { maxLength: 5 }), ['!'], Array(151).fill('a')),
  content: fc.record({
    text: mostly(word, ''),
    media: mostly(media),
    location: mostly(location),
    contact: mostly(contact),
    sealed: fc.oneof(
      { weight: 9, arbitrary: fc.constant(undefined) },
      { weight: 2, arbitrary: fc.constantFrom('', 'AAAA', 'AAA=', 'AAA', '!!!!') },
    ),
    forwarded: mostly(fc.constant(true as const), false),
    unknown: fc.constantFrom(undefined, 'x'),
  }),
})

/** Without what is not there. */
const given = (value: object): object =>
  JSON.parse(JSON.stringify(value, (_, part) => (Number.isNaN(part) ? 'NaN' : part)))

it('what is sent is checked as the schema of the protocol says, and the same is left of it', () => {
  let taken = 0
  fc.assert(
    fc.property(draft, (one) => {
      const asGiven = given(one) as typeof one & { content: Content }
      const expected = sendSchema.safeParse({ t: 'send', ref: 0, ...asGiven })
      let content: Content | undefined
      try {
        content = checkedContent(asGiven)
      } catch (error) {
        expect(error).toMatchObject({ code: 'invalid' })
      }
      expect(content).toEqual(expected.success ? expected.data.content : undefined)
      if (expected.success) taken++
    }),
    { numRuns: 5000 },
  )
  expect(taken).toBeGreaterThan(500)
})
