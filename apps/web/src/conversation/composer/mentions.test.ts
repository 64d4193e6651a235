import { describe, expect, it } from 'vitest'
import { insertAt, mentionAt, mentionsIn } from './mentions.ts'

const people = ['anna', 'anton', 'bo_b'].map((username) => ({ id: `id-${username}`, username, displayName: username }))

describe('mentions', () => {
  it('are offered where one is being written, and nowhere else', () => {
    expect(mentionAt('hi @an', 6, people)).toMatchObject({ start: 3, people: [people[0], people[1]] })
    expect(mentionAt('@', 1, people)?.people).toHaveLength(3)
    expect(mentionAt('mail@an', 7, people)).toBeUndefined()
    expect(mentionAt('@zoe', 4, people)).toBeUndefined()
    expect(insertAt('hi @an you', 3, 6, '@anna ')).toEqual({ text: 'hi @anna  you', caret: 9 })
  })

  it('are the members whose name stands in the text', () => {
    expect(mentionsIn('@anna and (@bo_b), not @anton2 or x@anton. Ask @ANNA.', people)).toEqual(['id-anna', 'id-bo_b'])
    expect(mentionsIn('nobody', people)).toEqual([])
  })
})
