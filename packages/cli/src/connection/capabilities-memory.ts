import { mkdir, readFile, rename, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Capabilities } from '@opcache/protocol'
import { userFolders } from '../settings/folders.js'

/** What the shell's completion needs to know of a server. */
export type KnownOperations = Pick<Capabilities, 'operations'>

/** Keeps what a server can do; that it cannot be kept is no failure, for nothing but completion needs it. */
export async function rememberCapabilities(
  server: string | undefined,
  { operations }: Capabilities,
): Promise<void> {
  const path = memoryPath(server)
  const text = JSON.stringify({ operations } satisfies KnownOperations)
  try {
    if ((await readFile(path, 'utf8').catch(() => '')) === text) return
    await mkdir(userFolders().capabilities, { recursive: true, mode: 0o700 })
    await writeFile(`${path}.${process.pid}`, text)
    await rename(`${path}.${process.pid}`, path)
  } catch {
    // A cache folder that cannot be written to is told by whoever needs it.
  }
}

/** What was kept; nothing where the server was never asked. */
export async function recallOperations(server: string | undefined): Promise<KnownOperations['operations']> {
  try {
    return (JSON.parse(await readFile(memoryPath(server), 'utf8')) as KnownOperations).operations
  } catch {
    return []
  }
}

function memoryPath(server = 'embedded'): string {
  return join(userFolders().capabilities, `${encodeURIComponent(server)}.json`)
}
