import { describe, expect, it } from 'vitest'
import { parseDatabaseUrls } from './database-url.ts'

describe('DATABASE_URL', () => {
  it('names one database or several, each with its options', () => {
    expect(parseDatabaseUrls('postgres://me:s,e@db.example/parley')).toEqual([
      {
        label: 'db.example:5432/parley',
        url: 'postgres://me:s,e@db.example/parley',
        schema: undefined,
        connections: 10,
        replicas: [],
      },
    ])
    const [first, second] = parseDatabaseUrls(
      'postgresql://a:5433/x?schema=chat&connections=3&sslmode=verify-full, postgres://me:p@b/y?replica=r1:6000&replica=r2',
    )
    expect(first).toMatchObject({ label: 'a:5433/x', schema: 'chat', connections: 3 })
    expect(first?.url).toBe('postgresql://a:5433/x?sslmode=verify-full')
    expect(second?.replicas).toEqual([
      { label: 'r1:6000/y', url: 'postgres://me:p@r1:6000/y' },
      { label: 'r2:5432/y', url: 'postgres://me:p@r2/y' },
    ])
  })

  it('is refused with what is wrong, never with the password', () => {
    for (const [text, said] of [
      ['', 'is empty'],
      ['mysql://me:secret@a/b', 'is to be postgres://'],
      ['me:secret@a', 'is to be postgres://'],
      ['postgres://me:secret@a/b?schema=X;drop', 'a:5432/b: schema'],
      ['postgres://me:secret@a/b?connections=0', 'a:5432/b: connections'],
      ['postgres://me:secret@a/b?connections=many', 'a:5432/b: connections'],
      ['postgres://me:secret@a/b?replica=postgres://c', 'a:5432/b: replica'],
    ] as const) {
      expect(() => parseDatabaseUrls(text), text).toThrow(said)
      expect(() => parseDatabaseUrls(text), text).not.toThrow('secret')
    }
  })
})
