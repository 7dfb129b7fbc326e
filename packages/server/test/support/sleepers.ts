import { randomInt } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'

/** For how long a process sleeps that is counted by it: nobody else's on this machine sleeps just as long. */
export function uniqueSeconds(): number {
  return randomInt(1_000_000, 1_000_000_000)
}

/** How many processes run `sleep` for so many seconds. */
export function sleepers(seconds: number): number {
  const pids = readdirSync('/proc').filter(name => /^\d+$/.test(name))
  return pids.filter(pid => {
    try {
      return readFileSync(`/proc/${pid}/cmdline`, 'utf8').toString().startsWith(`sleep\0${seconds}\0`)
    } catch {
      return false
    }
  }).length
}
