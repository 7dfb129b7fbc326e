import { type AddressInfo, connect, createServer, type Socket } from 'node:net'
import { PlannedFaults } from './planned-faults.js'
import { ProxiedConnection } from './proxied-connection.js'
import type { Direction, ProxyAction, ProxyFault, ProxyLine } from './proxy-fault.js'

/** A TCP proxy in front of a server, with a line of its own and faults that are planned. */
export interface FaultProxy {
  /** Where clients find it. */
  readonly url: string
  /** Plans faults; each meets one connection. */
  plan(...faults: ProxyFault[]): void
  /** Faults that have met no connection yet. */
  readonly pending: readonly ProxyFault[]
  /** Puts another server behind the same address, for connections to come. */
  target(url: string): void
  /** Changes the line, also under connections that are open. */
  setLine(line: ProxyLine): void
  /** `down` refuses connections, `blackhole` takes them and never answers; both end the open ones. @default 'up' */
  setState(state: 'up' | 'down' | 'blackhole'): Promise<void>
  /** Lets something happen to all open connections, now. */
  meetAll(action: ProxyAction): void
  /** Connections taken so far. */
  readonly connections: number
  /** Bytes that passed, of all connections. */
  bytes(direction: Direction): number
  close(): Promise<void>
}

/** Starts a proxy on a free port in front of the server at `targetUrl` (`http://host:port`). */
export async function startFaultProxy(targetUrl: string, line: ProxyLine = {}): Promise<FaultProxy> {
  let target = new URL(targetUrl)
  const faults = new PlannedFaults()
  const open = new Set<Socket>()
  const connections: ProxiedConnection[] = []
  let current = line
  let state: 'up' | 'down' | 'blackhole' = 'up'

  const server = createServer({ allowHalfOpen: true }, client => {
    open.add(client)
    client.once('close', () => open.delete(client))
    client.on('error', () => client.destroy())
    if (state === 'blackhole') return
    const upstream = connect({ host: target.hostname, port: Number(target.port), allowHalfOpen: true })
    connections.push(new ProxiedConnection(client, upstream, () => current, faults))
  })
  const listen = (port: number) =>
    new Promise<void>((resolve, reject) => {
      server.once('error', reject)
      server.listen(port, '127.0.0.1', resolve)
    })
  const stop = () =>
    new Promise<void>(resolve => {
      server.close(() => resolve())
      for (const socket of open) socket.destroy()
    })
  await listen(0)
  const { port } = server.address() as AddressInfo

  return {
    url: `http://127.0.0.1:${port}`,
    plan: (...planned) => faults.plan(planned),
    get pending() {
      return faults.pending
    },
    target: url => {
      target = new URL(url)
    },
    setLine: next => {
      current = next
    },
    setState: async next => {
      const was = state
      state = next
      if (next === 'down' && was !== 'down') await stop()
      if (next !== 'down' && was === 'down') await listen(port)
      if (next === 'blackhole') for (const socket of open) socket.destroy()
    },
    meetAll: action => {
      for (const connection of connections) connection.meet(action)
    },
    get connections() {
      return connections.length
    },
    bytes: direction => connections.reduce((sum, connection) => sum + connection.bytes[direction], 0),
    close: async () => {
      if (state !== 'down') await stop()
    },
  }
}
