import { execFile } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { execPath } from 'node:process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { startNode } from '@parley/server'
import { describe, expect, it } from 'vitest'

describe('examples', () => {
  it('hello.ts says hello to a real server', { timeout: 30_000 }, async () => {
    const folder = await mkdtemp(join(tmpdir(), 'parley-hello-'))
    const node = await startNode({ data: folder, port: 0, logLevel: 'silent' })
    try {
      const example = fileURLToPath(new URL('../examples/hello.ts', import.meta.url))
      const { stdout } = await promisify(execFile)(execPath, [example, node.url])
      expect(stdout).toBe('Message 2 is safe on the server.\n')
    } finally {
      await node.close()
      await rm(folder, { recursive: true })
    }
  })
})
