import { catchUp } from './catch-up.ts'
import { disk } from './disk.ts'
import { groupFull, groupRate } from './group.ts'
import { heartbeats } from './heartbeats.ts'
import { idle } from './idle.ts'
import { media } from './media.ts'
import { manyNodes } from './nodes.ts'
import { oneToOneFull, oneToOneRate, oneToOneSlowDisk } from './one-to-one.ts'
import { history, inbox } from './pages.ts'
import { start } from './start.ts'
import { storm } from './storm.ts'
import type { Work } from './work.ts'

export const works: readonly Work[] = [
  oneToOneFull,
  oneToOneRate,
  oneToOneSlowDisk,
  groupFull,
  groupRate,
  idle,
  heartbeats,
  storm,
  catchUp,
  history,
  inbox,
  media,
  disk,
  start,
  manyNodes,
]

/** `W1` chooses `W1.full`, `W1.rate`…; no names choose all. @throws when a name chooses nothing. */
export function chooseWorks(names: readonly string[]): Work[] {
  const chosen = new Set<Work>()
  for (const name of names) {
    const wanted = name.toLowerCase()
    const found = works.filter((work) => {
      const own = work.name.toLowerCase()
      return own === wanted || own.startsWith(`${wanted}.`)
    })
    if (found.length === 0) throw new Error(`no work is called "${name}": ${works.map((work) => work.name).join(', ')}`)
    for (const work of found) chosen.add(work)
  }
  return names.length === 0 ? [...works] : works.filter((work) => chosen.has(work))
}
