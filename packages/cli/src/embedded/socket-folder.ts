import { rmSync } from 'node:fs'
import { mkdtemp } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

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
    if (Buffer.byteLength(`${prefix}XXXXXX/s`) > LONGEST_SOCKET_PATH_BYTES) continue
    const folder = await mkdtemp(prefix).catch(() => undefined)
    if (folder === undefined) continue
    const remove = () => rmSync(folder, { recursive: true, force: true })
    // Also when the process is ended in a hurry.
    process.once('exit', remove)
    return { socket: join(folder, 's'), remove }
  }
  return undefined
}
