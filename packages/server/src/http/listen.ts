import { once } from 'node:events'
import { chmod, lstat, rm } from 'node:fs/promises'
import type { Server } from 'node:http'
import { type AddressInfo, connect } from 'node:net'
import { Server as TlsServer } from 'node:tls'
import { isMainThread } from 'node:worker_threads'
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
  await app.ready()
  await listenPrivately(app.server, options.socket)
  return `unix:${options.socket}`
}

/** Listens on a socket that others can connect to at no moment: it is made in the call, with what the mask leaves. */
async function listenPrivately(server: Server, socket: string): Promise<void> {
  // Threads have the mask of their process, and may not change it.
  const mask = isMainThread ? process.umask(0o077) : undefined
  try {
    server.listen(socket)
  } finally {
    if (mask !== undefined) process.umask(mask)
  }
  await once(server, 'listening')
  await chmod(socket, 0o600)
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
