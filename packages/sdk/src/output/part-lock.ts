import { readFileSync, statSync, unlinkSync, writeFileSync } from 'node:fs'
import { hostname } from 'node:os'

/** A lock from another machine is given up for dead when its file was not touched for so long. */
const ABANDONED_MS = 15 * 60_000

/** Locks of this process: its own number in a lock file may be that of a process before it. */
const held = new Set<string>()

/**
 * Makes sure that one process at a time writes to `partPath`, a name that is the same for everybody. Answers how to let
 * go of it, or undefined when somebody else holds it. What a killed process left is taken over.
 */
export function lockPart(partPath: string): (() => void) | undefined {
  const path = `${partPath}.lock`
  if (held.has(path)) return undefined
  if (!claim(path)) {
    if (!isAbandoned(path, partPath)) return undefined
    // Two who take over at once would write the same verified bytes to the same places, so that nothing is lost.
    attempt(() => unlinkSync(path))
    if (!claim(path)) return undefined
  }
  held.add(path)
  return () => {
    held.delete(path)
    if (attempt(() => readFileSync(path, 'utf8')) === thisProcess()) attempt(() => unlinkSync(path))
  }
}

function thisProcess(): string {
  return `${hostname()} ${process.pid}`
}

function claim(path: string): boolean {
  return attempt(() => writeFileSync(path, thisProcess(), { flag: 'wx' }) ?? true) ?? false
}

function isAbandoned(path: string, partPath: string): boolean {
  const [host, pid] = (attempt(() => readFileSync(path, 'utf8')) ?? '').split(' ')
  if (host === hostname()) return Number(pid) === process.pid || !isAlive(Number(pid))
  const stats = attempt(() => statSync(partPath)) ?? attempt(() => statSync(path))
  return stats !== undefined && Date.now() - stats.mtimeMs > ABANDONED_MS
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}

/** A file that is not as it was expected belongs to somebody else, which is all that matters here. */
function attempt<T>(work: () => T): T | undefined {
  try {
    return work()
  } catch {
    return undefined
  }
}
