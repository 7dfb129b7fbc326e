import { readFile } from 'node:fs/promises'

/** The most memory that a process that is still there ever held, in MiB (Linux). */
export async function peakMib(pid) {
  const status = await readFile(`/proc/${pid}/status`, 'utf8')
  return Math.round(Number(/^VmHWM:\s+(\d+) kB$/m.exec(status)[1]) / 1024)
}
