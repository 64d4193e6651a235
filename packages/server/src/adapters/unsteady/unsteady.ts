import type { Faults } from './faults.ts'

/**
 * A port over `port` whose calls suffer from `faults`.
 * `pure`: methods that only compute. `late`: methods that may be applied after later calls (only what moves forward
 * or is idempotent for good: anything else would be undone by an old write, which engines prevent by its time).
 */
export function unsteady<Port extends object>(
  port: Port,
  faults: Faults,
  methods: { pure?: readonly (keyof Port)[]; late?: readonly (keyof Port)[] } = {},
): Port {
  const pure = new Set<PropertyKey>(methods.pure)
  const late = new Set<PropertyKey>(methods.late)
  return new Proxy(port, {
    get(target, name) {
      const value: unknown = Reflect.get(target, name)
      if (typeof value !== 'function') return value
      const method = value as (...args: unknown[]) => Promise<unknown>
      if (pure.has(name)) return method.bind(target)
      return (...args: unknown[]) => faults.call(() => method.apply(target, args), late.has(name))
    },
  })
}
