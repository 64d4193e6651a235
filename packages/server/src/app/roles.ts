import type { Settings } from './options.ts'

/** What a process of the cluster does; all of them by default. */
export type Role = 'chat' | 'api' | 'media' | 'notifier' | 'janitor'

export const roleNames: readonly Role[] = ['chat', 'api', 'media', 'notifier', 'janitor']

export const hasRole = ({ roles }: Settings, role: Role): boolean => roles.includes('all') || roles.includes(role)
