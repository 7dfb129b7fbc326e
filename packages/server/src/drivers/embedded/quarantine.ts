import { mkdir, readdir, rm, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'

/** How long what is in quarantine can be looked at. */
const KEPT_MS = 30 * 24 * 3600 * 1000

/** Keeps the bytes of damaged blocks in a folder, and removes the ones that were there for long. */
export async function openQuarantine(
  folder: string,
): Promise<(id: string, block: number, bytes: Uint8Array) => Promise<void>> {
  for (const name of await readdir(folder).catch(() => [])) {
    const { mtimeMs } = await stat(join(folder, name))
    if (mtimeMs + KEPT_MS < Date.now()) await rm(join(folder, name), { force: true })
  }
  return async (id, block, bytes) => {
    await mkdir(folder, { recursive: true, mode: 0o700 })
    await writeFile(join(folder, `${id}-${block}`), bytes, { mode: 0o600 })
  }
}
