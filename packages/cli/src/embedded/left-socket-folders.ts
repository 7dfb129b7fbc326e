import { once } from 'node:events'
import { opendir, rmdir, stat, unlink } from 'node:fs/promises'
import { connect } from 'node:net'
import { join } from 'node:path'

/** A younger folder may be one whose socket nobody listens on yet. */
const YOUNG_MS = 60_000

/** However busy its machine is, a command listens before its folder is so old. */
const STARTING_MS = 3_600_000

/** Where the socket of a folder is. */
export function socketIn(folder: string): string {
  return join(folder, 's')
}

/**
 * Removes the folders of commands that were killed. Nobody listens on their sockets any more, which says more than ids of
 * processes: those that share a folder may not see each other.
 */
export async function removeLeftSocketFolders(parent: string): Promise<void> {
  for await (const { name } of await opendir(parent)) {
    if (!/^opcache-[A-Za-z0-9]{6}$/.test(name)) continue
    const folder = join(parent, name)
    if (!(await isLeft(folder).catch(() => false))) continue
    // Where it cannot be removed, its folder cannot either.
    await unlink(socketIn(folder)).catch(() => undefined)
    await rmdir(folder)
  }
}

async function isLeft(folder: string): Promise<boolean> {
  const ageMs = Date.now() - (await stat(folder)).mtimeMs
  if (ageMs < YOUNG_MS) return false
  const connection = connect(socketIn(folder))
  try {
    await once(connection, 'connect')
    return false
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    // Who was killed before it listened left no socket.
    return code === 'ECONNREFUSED' || (code === 'ENOENT' && ageMs > STARTING_MS)
  } finally {
    connection.destroy()
  }
}
