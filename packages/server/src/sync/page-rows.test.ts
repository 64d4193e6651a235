import { describe, expect, it } from 'vitest'
import { UpdateEvent } from '../delivery/event.ts'
import { nextPageRows } from './page-rows.ts'

const page = (count: number, bytes: number) => Array.from({ length: count }, () => [new UpdateEvent('x'.repeat(bytes))])

describe('rows of the next page', () => {
  it('grow while all is taken, up to the most', () => {
    expect(nextPageRows(32, page(32, 300), undefined)).toBe(64)
    expect(nextPageRows(256, page(256, 200), undefined)).toBe(256)
  })

  it('are about what a slow sink takes', () => {
    expect(nextPageRows(256, page(256, 300), 100)).toBe(200)
    expect(nextPageRows(256, page(256, 300), 0)).toBe(8)
  })

  it('I11: are few when they are large, whoever takes them', () => {
    expect(nextPageRows(32, page(32, 16 * 1024), undefined)).toBe(4)
    expect(nextPageRows(8, page(8, 32 * 1024), 8)).toBe(2)
    expect(nextPageRows(4, page(4, 1024 * 1024), undefined)).toBe(1)
  })

  it('do not depend on what a page without updates held', () => {
    expect(nextPageRows(32, [[], [undefined]], undefined)).toBe(64)
  })
})
