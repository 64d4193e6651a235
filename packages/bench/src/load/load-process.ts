import type { ChildProcess } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { endProcess, loadCore, nextMessage, startNode } from '../machine.ts'
import type { LoadCommand, LoadReply } from './commands.ts'
import type { SlotResult, SlotSpec } from './slot.ts'

/** The bench's handle on a load process. One command at a time. */
export class LoadProcess {
  readonly #child: ChildProcess

  constructor() {
    this.#child = startNode(loadCore, [fileURLToPath(new URL('./main.ts', import.meta.url))])
  }

  async tell(command: LoadCommand): Promise<LoadReply & { ok: true }> {
    this.#child.send(command)
    const reply = await nextMessage<LoadReply>(this.#child)
    if (!reply.ok) throw new Error(`load could not ${command.do}: ${reply.reason}`)
    return reply
  }

  async slot(spec: SlotSpec, serverPid: number): Promise<SlotResult> {
    const { slot } = await this.tell({ do: 'slot', spec, serverPid })
    if (!slot) throw new Error('load answered a slot without its result')
    return slot
  }

  end(): Promise<void> {
    return endProcess(this.#child, 2000)
  }
}
