import { constants } from 'node:os'

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const

/** The reason of an abort that a signal caused. */
export class Interrupted extends Error {
  override readonly name = 'Interrupted'

  constructor(
    readonly signal: NodeJS.Signals,
    /** What is told of it, where there is nothing to go on with. */
    readonly outcome?: string,
  ) {
    super(`Stopped by ${signal}.`)
  }

  /** What shells say of a process that a signal ended. */
  get exitStatus(): number {
    return 128 + constants.signals[this.signal]
  }
}

let interruption: AbortController | undefined
let hurry: (() => void) | undefined

/** What the second signal does, where ending at once would leave a mess; the third one ends the process. */
export function onSecondSignal(action: () => void): void {
  hurry = action
}

/** Is aborted by the first signal that asks the process to end; the next one ends it at once. */
export function interruptionSignal(): AbortSignal {
  if (interruption) return interruption.signal
  const controller = new AbortController()
  interruption = controller
  for (const name of SIGNALS) {
    process.on(name, () => {
      const reason = new Interrupted(name)
      if (!controller.signal.aborted) return controller.abort(reason)
      if (!hurry) process.exit(reason.exitStatus)
      hurry()
      hurry = undefined
    })
  }
  return controller.signal
}
