import { mkdir, readdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { Processes } from './processes.js'

/** Makes this process's scratch folder and removes those whose processes are gone. */
export async function openScratchFolder(folder: string, processes: Processes): Promise<string> {
  await mkdir(folder, { recursive: true, mode: 0o700 })
  const found = await readdir(folder)
  // A process joins before it makes its folder, so a folder without its process is one that was left behind.
  const living = processes.nonces()
  const left = found.filter(name => !living.has(name))
  await Promise.all(left.map(name => rm(join(folder, name), { recursive: true, force: true })))
  const own = join(folder, processes.self.nonce)
  await mkdir(own, { mode: 0o700 })
  return own
}
