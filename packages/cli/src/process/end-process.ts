/** Ends the process once all that was written is out, whatever is still open: stdin may be, after an interruption. */
export async function endProcess(status: number): Promise<never> {
  await Promise.all([process.stdout, process.stderr].map(writtenOut))
  process.exit(status)
}

/** Waits until all that was written to a stream is out, or lost. */
export function writtenOut(stream: NodeJS.WriteStream): Promise<void> {
  return new Promise(resolve => {
    if (!stream.writable) return resolve()
    stream.once('error', () => resolve())
    stream.write('', () => resolve())
  })
}
