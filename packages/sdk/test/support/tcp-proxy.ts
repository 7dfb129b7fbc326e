import { connect, createServer, type Socket } from 'node:net'
import { onTestFinished } from 'vitest'

/** A TCP proxy that counts what passes and cuts on demand. */
export interface TcpProxy {
  readonly url: string
  /** Bytes that went from client to server. */
  readonly sentBytes: number
  /** How often {@link cutAfter} cut. */
  readonly cuts: number
  /** Another server behind the same address. */
  target(url: string): void
  /** Cuts the connection that carries byte number `bytes` from now on, once, in the given direction. */
  cutAfter(direction: 'up' | 'down', bytes: number): void
  /** Refuses connections, and cuts those there are, until `restore`. */
  refuse(): void
  restore(): void
}

export async function startTcpProxy(url: string): Promise<TcpProxy> {
  let target = new URL(url)
  let sentBytes = 0
  let cuts = 0
  let isRefusing = false
  let planned: { direction: 'up' | 'down'; bytes: number } | undefined
  const sockets = new Set<Socket>()

  const pass = (direction: 'up' | 'down', chunk: Buffer): boolean => {
    if (direction === 'up') sentBytes += chunk.length
    if (planned?.direction !== direction) return true
    planned.bytes -= chunk.length
    if (planned.bytes > 0) return true
    planned = undefined
    cuts += 1
    return false
  }
  const server = createServer(client => {
    if (isRefusing) {
      client.destroy()
      return
    }
    const upstream = connect(Number(target.port), target.hostname)
    const cut = () => {
      client.destroy()
      upstream.destroy()
    }
    for (const [socket, other, direction] of [
      [client, upstream, 'up'],
      [upstream, client, 'down'],
    ] as const) {
      sockets.add(socket)
      socket.on('data', chunk => {
        if (!pass(direction, chunk)) cut()
        else if (!other.write(chunk)) {
          socket.pause()
          other.once('drain', () => socket.resume())
        }
      })
      socket.on('end', () => other.end())
      socket.on('error', cut)
      socket.on('close', () => {
        sockets.delete(socket)
        other.destroy()
      })
    }
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as { port: number }
  const cutAll = () => {
    for (const socket of sockets) socket.destroy()
  }
  onTestFinished(async () => {
    cutAll()
    await new Promise(resolve => server.close(resolve))
  })
  return {
    url: `http://127.0.0.1:${port}`,
    get sentBytes() {
      return sentBytes
    },
    get cuts() {
      return cuts
    },
    target: next => {
      target = new URL(next)
    },
    cutAfter: (direction, bytes) => {
      planned = { direction, bytes }
    },
    refuse: () => {
      isRefusing = true
      cutAll()
    },
    restore: () => {
      isRefusing = false
    },
  }
}
