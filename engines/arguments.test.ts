import { describe, expect, it } from 'vitest'
import { parseRequest, usage } from './arguments.ts'
import { engineNames } from './engine.ts'

describe('arguments of engines', () => {
  it('mean the usual engines for up, and all for the others, when none is named', () => {
    expect(parseRequest(['up']).names).toEqual(engineNames.filter((name) => !name.endsWith('3') || name === 's3'))
    for (const command of ['down', 'status', 'env']) {
      expect(parseRequest([command])).toMatchObject({ names: engineNames, named: false })
    }
  })

  it('name engines in order, each once', () => {
    const { names, named } = parseRequest(['env', 'zookeeper3', 'redis', 'zookeeper3'])
    expect(names).toEqual(['zookeeper3', 'redis'])
    expect(named).toBe(true)
  })

  it('take switches anywhere', () => {
    const args = ['--port', 'redis=16000', 'up', '--commitlog-sync=batch', 'redis', '--fresh', '--port=cassandra=16100']
    expect(parseRequest([...args, '--jvm', 'full'])).toEqual({
      command: 'up',
      names: ['redis'],
      named: true,
      fresh: true,
      ports: { redis: 16000, cassandra: 16100 },
      commitlogSync: 'batch',
      jvm: 'full',
    })
  })

  it('say what is wrong', () => {
    expect(() => parseRequest(['up', 'mysql'])).toThrow('There is no engine "mysql": postgres, redis')
    expect(() => parseRequest(['begin'])).toThrow('There is no command "begin": up, down')
    expect(() => parseRequest(['up', '--commitlog-sync', 'never'])).toThrow('periodic, group, batch')
    expect(() => parseRequest(['up', '--port', '5432'])).toThrow('--port redis=16379')
    expect(() => parseRequest(['up', '--port', 'redis=80'])).toThrow('--port redis=16379')
    expect(() => parseRequest(['up', '--quick'])).toThrow('--quick')
  })

  it('explain themselves when nothing or help is asked, with every engine named', () => {
    expect(parseRequest([]).command).toBe('help')
    expect(parseRequest(['up', '-h']).command).toBe('help')
    for (const name of engineNames) expect(usage).toContain(name)
  })
})
