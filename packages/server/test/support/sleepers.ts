import { readdirSync, readFileSync } from 'node:fs'

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
