/** A handler for errors of work in the background that nobody waits for: the first becomes a warning of the process. */
export function warnOnce(what: string): (error: unknown) => void {
  return error => {
    if (warned.has(what)) return
    warned.add(what)
    process.emitWarning(
      `${what}: ${error instanceof Error ? error.message : String(error)}`,
      'OpcacheWarning',
    )
  }
}

const warned = new Set<string>()
