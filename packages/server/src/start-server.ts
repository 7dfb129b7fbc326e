import { setMaxListeners } from 'node:events'
import { availableParallelism } from 'node:os'
import { loadBlake3 } from '@opcache/protocol'
import type { FastifyInstance } from 'fastify'
import { BlocksInFlight } from './engine/blocks-in-flight.js'
import type { Engine } from './engine/engine.js'
import { DEFAULT_LIMITS, type Limits } from './engine/limits.js'
import type { ServerEvent } from './engine/server-event.js'
import { sweep } from './engine/sweep.js'
import { Worker } from './execution/worker.js'
import { createApp } from './http/create-app.js'
import { type ListenOptions, listen } from './http/listen.js'
import { BUILTIN_OPERATIONS } from './operations/builtin.js'
import type { Operation } from './operations/operation.js'
import { OperationRegistry } from './operations/registry.js'
import type { Clock, Drivers } from './ports/drivers.js'

/** How often what has expired is collected. */
const SWEEP_MS = 60_000

/** How long a closing server lets requests come to their end. */
const CLOSE_GRACE_MS = 5_000

/** How to start a server. */
export interface ServerOptions extends ListenOptions {
  /**
   * Where the server's state lives: all of it in one folder, which several processes of one machine may share; or in
   * memory, and forgotten at the end.
   */
  storage: { readonly folder: string } | 'memory'
  /** Operations beside `copy`, `gzip` and `gunzip`. @default [] */
  operations?: readonly Operation[]
  /** Attempts that run at a time. @default the number of processors */
  concurrency?: number
  /** @default see {@link Limits} */
  limits?: Partial<Limits>
  /** Writes a line a request to stdout, as JSON. @default false */
  isLogging?: boolean
  /** The time, for tests. @default Date.now */
  now?: Clock
  /** Told of what happens, for those who count. */
  observe?: (event: ServerEvent) => void
  /** Told of what went wrong where nobody can be answered, or where the answer cannot say it. @default a line on stderr */
  report?: (error: unknown, what: string) => void
  /** Called with the HTTP application before it listens; for hooks of tests. */
  prepare?: (app: FastifyInstance) => void | Promise<void>
}

/** A server that answers. */
export interface RunningServer {
  /** Where it answers: `http://host:port`, or `unix:/path`. */
  readonly url: string
  /**
   * Stops: takes no more requests, tells waiters to come back, hands running attempts back to the queue. The data stays.
   */
  close(): Promise<void>
}

/** Starts a server and waits until it answers. @throws when the address is taken or the data folder is not usable */
export async function startServer(options: ServerOptions): Promise<RunningServer> {
  const now = options.now ?? Date.now
  const operations = new OperationRegistry([...BUILTIN_OPERATIONS, ...(options.operations ?? [])])
  const { close: closeDrivers, ...drivers } = await openDrivers(options.storage, now)
  const closing = new AbortController()
  // Every wait and every attempt listens.
  setMaxListeners(0, closing.signal)
  const engine: Engine = {
    ...drivers,
    blake3: await loadBlake3(),
    operations,
    limits: { ...DEFAULT_LIMITS, ...options.limits },
    now,
    inFlight: new BlocksInFlight(),
    closing: closing.signal,
    observe: options.observe ?? (() => undefined),
    report: options.report ?? reportOnStderr,
  }
  const { app, settled } = await createApp(engine, { isLogging: options.isLogging ?? false })
  let url: string
  try {
    await options.prepare?.(app)
    url = await listen(app, options)
  } catch (error) {
    await app.close()
    await closeDrivers()
    throw error
  }
  const worker = new Worker(engine, options.concurrency ?? availableParallelism())
  let sweeping: Promise<void> = Promise.resolve()
  const sweeper = setInterval(() => {
    sweeping = sweeping
      .then(() => sweep(engine))
      .catch((error: unknown) => engine.report(error, 'collecting what has expired'))
  }, SWEEP_MS)
  sweeper.unref()

  let closed: Promise<void> | undefined
  const close = async () => {
    closing.abort()
    clearInterval(sweeper)
    // Waits end at once; uploads and downloads may take longer, and are gone on with elsewhere or later.
    const cut = setTimeout(() => app.server.closeAllConnections(), CLOSE_GRACE_MS)
    await Promise.all([app.close(), worker.stop(), sweeping])
    clearTimeout(cut)
    await settled()
    await closeDrivers()
  }
  return {
    url,
    close: () => {
      closed ??= close()
      return closed
    },
  }
}

function reportOnStderr(error: unknown, what: string): void {
  const told = error instanceof Error ? (error.stack ?? error.message) : String(error)
  process.stderr.write(`opcache server: failed while ${what}: ${told}\n`)
}

async function openDrivers(storage: ServerOptions['storage'], now: Clock): Promise<Drivers> {
  if (storage === 'memory') {
    const { openMemoryDrivers } = await import('./drivers/memory/open-memory-drivers.js')
    return openMemoryDrivers({ now })
  }
  const { openEmbeddedDrivers } = await import('./drivers/embedded/open-embedded-drivers.js')
  return openEmbeddedDrivers({ folder: storage.folder, now })
}
