import type { Socket } from 'node:net'
import { Transform } from 'node:stream'
import { DelayLine } from './delay-line.js'
import type { Direction, ProxyAction, ProxyFault, ProxyLine } from './proxy-fault.js'

/** Which faults a connection meets. */
export interface FaultSource {
  /** Asked once, when the first byte comes: the fault that is for this connection. */
  first(): ProxyFault | undefined
  /** Asked for all bytes: the fault that counts those of all connections and is met by these. */
  shared(direction: Direction, bytes: number): { fault: ProxyFault; passingBytes: number } | undefined
}

/** How long a close is on its way that comes slowly. */
const SLOW_CLOSE_MS = 500

/** One connection through the proxy. */
export class ProxiedConnection {
  readonly #client: Socket
  readonly #server: Socket
  readonly #faults: FaultSource
  #met: ProxyFault | undefined
  #isStalled = false
  /** Bytes that passed. */
  readonly bytes: Record<Direction, number> = { up: 0, down: 0 }

  constructor(client: Socket, server: Socket, line: () => ProxyLine, faults: FaultSource) {
    this.#client = client
    this.#server = server
    this.#faults = faults
    client.pipe(this.#gate('up')).pipe(new DelayLine(line)).pipe(server)
    server.pipe(this.#gate('down')).pipe(new DelayLine(line)).pipe(client)
    for (const [one, other] of [
      [client, server],
      [server, client],
    ] as const) {
      one.on('error', () => other.destroy())
      one.on('close', () => other.destroy())
    }
  }

  #end(action: 'cut' | 'reset'): void {
    if (action === 'reset') this.#client.resetAndDestroy()
    else this.#client.destroy()
    this.#server.destroy()
  }

  #gate(direction: Direction): Transform {
    return new Transform({
      transform: (chunk: Buffer, _encoding, done) => {
        if (this.#isStalled) return
        this.#met ??= this.#faults.first() ?? NO_FAULT
        const passed = this.bytes[direction]
        const shared = this.#faults.shared(direction, chunk.length)
        if (shared) this.#met = { ...shared.fault, afterBytes: passed + shared.passingBytes }
        const fault = this.#met
        const isMet = fault.direction === direction && passed + chunk.length > (fault.afterBytes ?? 0)
        if (!isMet) {
          this.bytes[direction] += chunk.length
          done(null, chunk)
          return
        }
        const rest = chunk.subarray(0, Math.max(0, (fault.afterBytes ?? 0) - passed))
        this.bytes[direction] += rest.length
        // `done` is not called again: this direction is over.
        if (rest.length > 0) done(null, rest)
        this.meet(fault.action)
      },
    })
  }

  /** Lets something happen, now. */
  meet(action: ProxyAction): void {
    if (action === 'half-open') {
      this.#met = { action, direction: 'up', afterBytes: 0 }
      return
    }
    this.#isStalled = true
    if (action === 'slow-close') setTimeout(() => this.#end('cut'), SLOW_CLOSE_MS)
    // What has passed arrives before the connection ends.
    else if (action !== 'stall') setImmediate(() => this.#end(action))
  }
}

const NO_FAULT: ProxyFault = { action: 'half-open', direction: 'up', afterBytes: Number.POSITIVE_INFINITY }
