import { chmod, lstat, rm } from 'node:fs/promises'
import { type AddressInfo, connect } from 'node:net'
import { Server as TlsServer } from 'node:tls'
import type { FastifyInstance } from 'fastify'

/** Nobody but this machine. */
export const DEFAULT_HOST = '127.0.0.1'

/** Where to listen: a Unix socket, or host and port. */
export interface ListenOptions {
  /** @default '127.0.0.1' */
  host?: string
  /** 0 for any free port. @default 7077 */
  port?: number
  /** Path of a Unix socket, in place of host and port. Only its owner may connect. */
  socket?: string
}

/** Listens, and answers where: `http://host:port`, `https://host:port`, or `unix:/path`. */
export async function listen(app: FastifyInstance, options: ListenOptions): Promise<string> {
  if (options.socket === undefined) {
    await app.listen({ host: options.host ?? DEFAULT_HOST, port: options.port ?? 7077 })
    const { address, family, port } = app.server.address() as AddressInfo
    const scheme = app.server instanceof TlsServer ? 'https' : 'http'
    return `${scheme}://${family === 'IPv6' ? `[${address}]` : address}:${port}`
  }
  if (await isDeadSocket(options.socket)) await rm(options.socket)
  await app.listen({ path: options.socket })
  await chmod(options.socket, 0o600)
  return `unix:${options.socket}`
}

/**
 * A socket that nobody listens on any more was left by a server that was killed. A file of another kind refuses
 * connections as well, and is somebody's: it stays, and listening fails.
 */
async function isDeadSocket(path: string): Promise<boolean> {
  const there = await lstat(path).catch(() => undefined)
  return there?.isSocket() === true && (await isRefused(path))
}

function isRefused(path: string): Promise<boolean> {
  return new Promise(resolve => {
    const probe = connect(path)
    probe.once('connect', () => {
      probe.destroy()
      resolve(false)
    })
    probe.once('error', (error: NodeJS.ErrnoException) => resolve(error.code === 'ECONNREFUSED'))
  })
}
