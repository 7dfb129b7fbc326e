/** Ends the process once all that was written is out, whatever is still open: stdin may be, after an interruption. */
export async function endProcess(status: number): Promise<never> {
  await Promise.all([process.stdout, process.stderr].map(drained))
  process.exit(status)
}

function drained(stream: NodeJS.WriteStream): Promise<void> {
  return new Promise(resolve => {
    if (!stream.writable) return resolve()
    stream.once('error', () => resolve())
    stream.write('', () => resolve())
  })
}
