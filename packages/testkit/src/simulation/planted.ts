import { logBugs, type Plant } from './planted-log-bugs.ts'
import { queueBugs } from './planted-queue-bugs.ts'
import { viewBugs } from './planted-view-bugs.ts'

/** Bugs by name, one of which a run can have. */
export const planted: Record<string, Plant> = { ...logBugs, ...queueBugs, ...viewBugs }
