import type { ChildProcess } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { endProcess, loadCore, nextMessage, startNode } from '../machine.ts'
import { programAt } from '../program.ts'
import type { LoadAnswers, LoadCommand, LoadReply } from './commands.ts'

/** The bench's handle on a load process. One command at a time. */
export class LoadProcess {
  readonly #child: ChildProcess

  constructor() {
    this.#child = startNode(loadCore, [fileURLToPath(programAt('./main', import.meta.url))])
  }

  async tell<C extends LoadCommand>(command: C): Promise<LoadAnswers[C['do']]> {
    this.#child.send(command)
    const reply = await nextMessage<LoadReply>(this.#child)
    if (!reply.ok) throw new Error(`load could not ${command.do}: ${reply.reason}`)
    // The load answers each command with the type that LoadAnswers names.
    return reply.answer as LoadAnswers[C['do']]
  }

  end(): Promise<void> {
    return endProcess(this.#child, 2000)
  }
}
