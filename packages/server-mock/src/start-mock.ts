import { type Operation, type ServerEvent, type ServerOptions, startServer } from '@opcache/server'
import type { FastifyInstance } from 'fastify'
import type { Fault } from './fault.js'
import { FaultScript } from './fault-script.js'
import { installFaults } from './install-faults.js'
import { ManualClock } from './manual-clock.js'
import { Recorder } from './recorder.js'

/** How to start a mock. */
export interface MockOptions {
  /** Operations beside those that every server has; see `scriptedOperation`. */
  operations?: readonly Operation[]
  /** Faults that are planned from the start. */
  faults?: readonly Fault[]
  /** Limits that differ from a server's defaults. */
  limits?: ServerOptions['limits']
  /** @default a free port */
  port?: number
  /** Listens on this Unix socket in place of a port. */
  socket?: string
}

/** The real server on memory drivers, with a script and a recorder. */
export interface Mock {
  /** Where it answers. */
  readonly url: string
  readonly recorder: Recorder
  readonly faults: FaultScript
  readonly clock: ManualClock
  /** How often an operation began to run; any operation by default. */
  runs(operation?: string): number
  /** Asks the server in process, without a socket. */
  inject: FastifyInstance['inject']
  close(): Promise<void>
}

/**
 * Starts a mock and waits until it answers.
 *
 * ```ts
 * const mock = await startMock({ operations: [scriptedOperation('shout', [{ result: s => s.toString().toUpperCase() }])] })
 * mock.faults.plan({ on: 'part', nth: 2, action: { kind: 'drop', afterBytes: 100_000 } })
 * ```
 */
export async function startMock(options: MockOptions = {}): Promise<Mock> {
  const recorder = new Recorder()
  const faults = new FaultScript()
  const clock = new ManualClock()
  const events: ServerEvent[] = []
  let app: FastifyInstance | undefined
  faults.plan(...(options.faults ?? []))
  const server = await startServer({
    storage: 'memory',
    port: options.port ?? 0,
    ...(options.socket === undefined ? {} : { socket: options.socket }),
    operations: options.operations ?? [],
    // What a script holds for ever is not waited for, and what is refused is up to the script, however busy the machine is.
    limits: { attemptGraceMs: 0, maxLoopDelayMs: Number.POSITIVE_INFINITY, ...options.limits },
    now: clock.now,
    observe: event => void events.push(event),
    prepare: prepared => {
      app = prepared
      installFaults(prepared, faults, recorder)
    },
  })
  return {
    url: server.url,
    recorder,
    faults,
    clock,
    runs: operation =>
      events.filter(
        event =>
          event.kind === 'attempt-started' && (operation === undefined || event.operation === operation),
      ).length,
    inject: ((...args: Parameters<FastifyInstance['inject']>) =>
      app!.inject(...args)) as FastifyInstance['inject'],
    close: () => {
      // Stalled connections would never end by themselves.
      app?.server.closeAllConnections()
      return server.close()
    },
  }
}
