import { writeFileSync } from 'node:fs'
import { setPriority } from 'node:os'

/**
 * A ninth of what a server of the default priority weighs: it answers first, and yet attempts come to their end on a
 * machine that is busy with other things. At 19, a seventieth, a conversion of a second took minutes there.
 */
const LOW = 10

/** Linux takes one such change in a tenth of a second, from all sessions together. */
const RETRY_MS = 100

/** Leaves the processor of this process to the server first; threads that it starts later do the same. */
export function takeLowPriority(): void {
  setPriority(LOW)
}

/**
 * The same for the session of this process. Linux weighs sessions against each other before the processes in them
 * (sched(7), "The autogroup feature"): in a session of its own the priority of a process alone means nothing.
 */
export function lowerSession(): void {
  try {
    writeFileSync('/proc/self/autogroup', String(LOW))
  } catch (error) {
    // Only Linux weighs sessions, and not where that is turned off.
    if ((error as NodeJS.ErrnoException).code !== 'EAGAIN') return
    setTimeout(lowerSession, RETRY_MS * (1 + Math.random()))
  }
}
