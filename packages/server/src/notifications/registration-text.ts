import type { PushRegistration } from '@parley/protocol'

/** A registration as text; the same registration is the same text, whatever the order of its fields. */
export const registrationText = (registration: PushRegistration): string =>
  JSON.stringify(registration, (_, value: unknown) =>
    value !== null && typeof value === 'object' && !Array.isArray(value)
      ? Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)))
      : value,
  )
