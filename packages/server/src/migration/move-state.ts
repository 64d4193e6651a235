import type { MarkStore } from '../cluster/mark-store.ts'

/** How far a move into these stores has come; without one they were never filled from elsewhere. */
export interface MoveState {
  state: 'filling' | 'open'
  /** The watching (`ChangeLog.watching`) under which they are filled. */
  watch: string
}

const name = 'move'

export async function readMoveState(marks: MarkStore): Promise<MoveState | undefined> {
  const text = await marks.get(name)
  return text === undefined ? undefined : (JSON.parse(text) as MoveState)
}

export function writeMoveState(marks: MarkStore, state: MoveState): Promise<void> {
  return marks.set(name, JSON.stringify(state))
}
