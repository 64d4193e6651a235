import type { Disk } from './disk.ts'
import type { StoredPorts } from './store-set.ts'

/** One process's way to what is stored. */
export interface StoreAccess {
  read(port: keyof StoredPorts, method: string, args: unknown[]): Promise<unknown>
  write(port: keyof StoredPorts, method: string, args: unknown[]): Promise<unknown>
}

const pure = new Set(['follows', 'compare', 'isPosition'])
/** Writes by port. The rest only reads. */
const writes: { [Port in keyof StoredPorts]: ReadonlySet<string> } = {
  accounts: new Set(['create', 'createAll', 'change', 'erase']),
  devices: new Set(['add', 'addAll', 'remove', 'seen']),
  blocks: new Set(['add', 'remove']),
  revocations: new Set(['trim']),
  registrations: new Set(['set', 'remove']),
  pushes: new Set(['add', 'read', 'claim', 'settle', 'forget', 'keepPosition']),
  operators: new Set(['offer', 'take', 'note']),
  log: new Set(['append', 'complete', 'completeLeft', 'trimSends']),
  queue: new Set(['put', 'saveCursors', 'removeCursor', 'trim']),
  conversations: new Set(['createDirect', 'saveSettings', 'saveReadMark', 'hide', 'star', 'clear']),
  receipts: new Set(['save']),
  presence: new Set(['saveLastOnline', 'saveStatus', 'dropNode']),
  search: new Set(['index']),
}

/** Writes that may take effect behind later ones: they only move forward. */
export const mayBeLate: ReadonlySet<string> = new Set(['saveCursors', 'saveReadMark', 'clear', 'saveLastOnline'])

/** The ports as a process has them whose every call goes through `access`. */
export function portsThrough(access: StoreAccess, disk: Disk): StoredPorts {
  const names = Object.keys(writes) as (keyof StoredPorts)[]
  return Object.fromEntries(names.map((name) => [name, portThrough(access, disk, name)])) as unknown as StoredPorts
}

function portThrough(access: StoreAccess, disk: Disk, name: keyof StoredPorts): object {
  return new Proxy(
    {},
    {
      get: (_, method) => {
        const target = disk.now.ports[name]
        const value: unknown = Reflect.get(target, method)
        if (typeof value !== 'function' || typeof method !== 'string') return value
        if (pure.has(method)) return value.bind(target)
        const isWrite = writes[name].has(method)
        return (...args: unknown[]) => (isWrite ? access.write(name, method, args) : access.read(name, method, args))
      },
    },
  )
}
