import type { EntryKey } from '@opcache/protocol'
import type { EntryRecord } from '../../ports/entry-store.js'
import type { SpaceId } from '../../ports/space.js'
import type { RunningOutput } from './running-output.js'

/** The outputs that attempts of this process write, for those who follow them. */
export class RunningOutputs {
  readonly #outputs = new Map<string, RunningOutput>()

  /** Announces the output of an entry's attempt, in the place of that of an earlier one. */
  add({ space, key }: EntryRecord, output: RunningOutput): void {
    this.#outputs.set(nameOf(space, key), output)
  }

  /** The output of the entry's current attempt, while it is written here. */
  find(record: EntryRecord): RunningOutput | undefined {
    const output = this.#outputs.get(nameOf(record.space, record.key))
    return output?.isOf(record) && output.isRunning ? output : undefined
  }

  remove({ space, key }: EntryRecord, output: RunningOutput): void {
    const name = nameOf(space, key)
    if (this.#outputs.get(name) === output) this.#outputs.delete(name)
  }
}

function nameOf(space: SpaceId, key: EntryKey): string {
  return `${space} ${key}`
}
