import { spawn } from 'node:child_process'
import { accessSync, constants } from 'node:fs'
import { EngineFailure } from './failure.ts'

export interface RunOptions {
  cwd?: string
  env?: Record<string, string>
  uid?: number
  gid?: number
  input?: string
}

/** Runs a program to its end and gives what it printed. @throws EngineFailure with its last lines. */
export function run(command: string, args: readonly string[], options: RunOptions = {}): Promise<string> {
  const { env, input, ...rest } = options
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { ...rest, env: { ...process.env, ...env }, stdio: ['pipe', 'pipe', 'pipe'] })
    let output = ''
    let errors = ''
    child.stdout.on('data', (chunk) => (output += String(chunk)))
    child.stderr.on('data', (chunk) => (errors += String(chunk)))
    child.stdin.on('error', () => {})
    child.stdin.end(input)
    child.once('error', (error) => reject(new EngineFailure(`${command}: ${error.message}`)))
    child.once('close', (code, signal) => {
      if (code === 0) return resolve(output)
      const tail = `${output}\n${errors}`.trim().split('\n').slice(-12)
      const text = tail.map((line) => `    ${line}`).join('\n')
      reject(new EngineFailure(`${command} ${args.join(' ')} ended with ${code ?? signal}:\n${text}`))
    })
  })
}

/** Path of a program, from PATH or one of the folders given. */
export function findProgram(name: string, folders: readonly string[] = []): string | undefined {
  const path = [...folders, ...(process.env.PATH ?? '').split(':'), '/usr/sbin']
  return path.map((folder) => `${folder}/${name}`).find(isExecutable)
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK)
    return true
  } catch {
    return false
  }
}
