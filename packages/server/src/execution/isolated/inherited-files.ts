import { closeSync, readdirSync, readFileSync } from 'node:fs'

/** In the flags of an open file, as Linux tells them: what this process starts does not get it (open(2)). */
const CLOSE_ON_EXEC = 0o2000000

/**
 * Closes what this process got from the server by accident, beside descriptors up to `last`: the store of records has
 * its file open in a way that passes it on to every process that is started, and from here to every tool. Files of
 * Node's own are never open that way.
 */
export function closeInheritedFiles(last: number): void {
  if (process.platform !== 'linux') return
  for (const descriptor of readdirSync('/proc/self/fd').map(Number)) {
    if (descriptor > last && isInheritable(descriptor)) closeSync(descriptor)
  }
}

function isInheritable(descriptor: number): boolean {
  try {
    const flags = /^flags:\s*([0-7]+)$/m.exec(readFileSync(`/proc/self/fdinfo/${descriptor}`, 'utf8'))?.[1]
    return flags !== undefined && (Number.parseInt(flags, 8) & CLOSE_ON_EXEC) === 0
  } catch {
    // It was open only to list them.
    return false
  }
}
