import { rmSync } from 'node:fs'
import { mkdtemp } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { removeLeftSocketFolders, socketIn } from './left-socket-folders.js'

/** `sun_path` holds 104 bytes on macOS and 108 on Linux, with the zero at the end. */
const LONGEST_SOCKET_PATH_BYTES = 100

/** A place for a socket that only this user reaches. */
export interface SocketFolder {
  readonly socket: string
  remove(): void
}

/** Makes a fresh folder (0700) for one socket; undefined where no folder has a path that is short enough. */
export async function makeSocketFolder(): Promise<SocketFolder | undefined> {
  if (process.platform === 'win32') return undefined
  const parents = [process.env.XDG_RUNTIME_DIR, tmpdir(), '/tmp'].filter(path => path?.startsWith('/'))
  for (const parent of parents) {
    const prefix = join(parent as string, 'opcache-')
    // Six characters are what `mkdtemp` adds.
    if (Buffer.byteLength(socketIn(`${prefix}123456`)) > LONGEST_SOCKET_PATH_BYTES) continue
    const folder = await mkdtemp(prefix).catch(() => undefined)
    if (folder === undefined) continue
    // What cannot be removed now is no concern of this command.
    removeLeftSocketFolders(parent as string).catch(() => undefined)
    const remove = () => rmSync(folder, { recursive: true, force: true })
    // Also when the process is ended in a hurry.
    process.once('exit', remove)
    return { socket: socketIn(folder), remove }
  }
  return undefined
}
