import { mkdir } from 'node:fs/promises'
import type { RunningServer } from '@opcache/server'
import { CommandError } from '../failure/command-error.js'
import { writeFailure } from '../output/standard-output.js'
import { readServerConfig } from './read-server-config.js'
import { makeSocketFolder } from './socket-folder.js'

/**
 * Starts a server of this process alone, over the user's cache folder, which several such processes share. It listens on
 * a socket that only the user reaches; where there are none, on a free port of the loopback interface.
 *
 * @throws CommandError, OutputError
 */
export async function startEmbedded(
  cacheDir: string,
  maxStoreBytes: number,
): Promise<Pick<RunningServer, 'url' | 'close'>> {
  await mkdir(cacheDir, { recursive: true, mode: 0o700 }).catch(error => {
    throw notUsable(cacheDir, error)
  })
  const [{ startServer }, config] = await Promise.all([import('@opcache/server'), readServerConfig()])
  const folder = await makeSocketFolder()
  const place = folder ? { socket: folder.socket } : { host: '127.0.0.1', port: 0 }
  try {
    // Nobody comes back to a server that ends with its command, what is being read is held anyway, and the command is
    // not to wait for what others have set going; and it is the command itself that keeps the loop of both busy.
    const own = { resultHoldSeconds: 1, attemptGraceMs: 0, maxLoopDelayMs: Number.POSITIVE_INFINITY }
    const limits = { maxStoreBytes, ...own, ...config.limits }
    const server = await startServer({ ...config, limits, storage: { folder: cacheDir }, ...place })
    return {
      url: server.url,
      close: async () => {
        await server.close()
        folder?.remove()
      },
    }
  } catch (error) {
    folder?.remove()
    throw notUsable(cacheDir, error as NodeJS.ErrnoException)
  }
}

/** The error for a folder that a server cannot keep its data in. */
export function notUsable(path: string, error: NodeJS.ErrnoException): Error {
  if (error.code === 'ENOSPC' || error.code === 'EDQUOT') return writeFailure(`The folder ${path}`, error)
  // The server's own errors are whole sentences about the folder; the system's are pieces of one.
  const isWhole = error.code === undefined && error.message.includes(path)
  return new CommandError(
    'cache-not-usable',
    isWhole ? error.message : `The folder ${path} cannot be used as a cache: ${error.message}.`,
    'Choose another one with OPCACHE_CACHE_DIR or `opcache config set cache-dir <folder>` (for `serve`: --data).',
    error,
  )
}
