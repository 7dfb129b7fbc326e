import { setMaxListeners } from 'node:events'
import { availableParallelism } from 'node:os'
import { loadBlake3 } from '@opcache/protocol'
import type { FastifyInstance } from 'fastify'
import { AuthError } from './auth/auth-error.js'
import { type AuthOptions, openAuthentication } from './auth/authenticate.js'
import { isLoopback } from './auth/loopback.js'
import { Arrivals } from './engine/contents/arrivals.js'
import { Holds } from './engine/contents/holds.js'
import { contentExpiry } from './engine/contents/use-content.js'
import { Verifications } from './engine/contents/verifications.js'
import type { Engine } from './engine/engine.js'
import { WatchedEntries } from './engine/entries/watched-entries.js'
import { type Limits, limitsOf } from './engine/limits.js'
import { RunningOutputs } from './engine/outputs/running-outputs.js'
import type { ServerEvent } from './engine/server-event.js'
import { Admissions } from './engine/upkeep/admissions.js'
import { Room } from './engine/upkeep/room.js'
import { sweep } from './engine/upkeep/sweep.js'
import { LiveAttempts } from './execution/live/live-attempts.js'
import { Worker } from './execution/worker.js'
import { createApp } from './http/create-app.js'
import { DEFAULT_HOST, type ListenOptions, listen } from './http/listen.js'
import { followTlsFiles, readTlsPair, type TlsOptions } from './http/tls.js'
import { Traffic } from './http/traffic.js'
import type { LogLevel } from './log/log-level.js'
import { listenForMetrics, type MetricsListener, type MetricsPlace } from './metrics/listen-for-metrics.js'
import { BUILTIN_OPERATIONS, LACKING_OPERATIONS } from './operations/builtin.js'
import type { Operation } from './operations/operation.js'
import { OperationRegistry } from './operations/registry.js'
import type { Clock, Drivers } from './ports/drivers.js'
import type { Durability } from './ports/durability.js'

/** How often what has expired is collected. */
const SWEEP_MS = 60_000

/** How long a closing server lets requests come to their end. */
const CLOSE_GRACE_MS = 5_000

/**
 * What keeps a server's state. With `durability: 'disk'` nothing is acknowledged before it is on the disk; the default,
 * `process`, may lose the last seconds before a power cut. Drivers that are opened for a server are closed by it.
 */
export type Storage =
  | { readonly folder: string; readonly durability?: Durability }
  | 'memory'
  | { readonly openDrivers: (now: Clock) => Promise<Drivers> }

/** How to start a server. */
export interface ServerOptions extends ListenOptions {
  /**
   * Where the server's state lives: all of it in one folder, which several processes of one machine may share; in memory,
   * and forgotten at the end; or where drivers of your own keep it.
   */
  storage: Storage
  /** How callers show who they are. Without it, everybody who reaches the server is one user who may do everything. */
  auth?: AuthOptions
  /** Lets a server without `auth` listen on addresses that others reach than this machine. @default false */
  allowAnonymous?: boolean
  /** Key and certificate for `https:`; they are read again when they change. */
  tls?: TlsOptions
  /** Counts for Prometheus at `/metrics`, for admins; with a port, also there, for whoever asks. @default false */
  metrics?: boolean | MetricsPlace
  /** Tells the program's OpenTelemetry of requests and attempts, as spans. @default false */
  isTracing?: boolean
  /** Operations beside `copy`, `gzip`, `gunzip` and `brotli`. @default [] */
  operations?: readonly Operation[]
  /** Attempts that run at a time. @default the number of processors */
  concurrency?: number
  /** @default see {@link Limits} */
  limits?: Partial<Limits>
  /** Writes JSON lines from this level on: one a request to stdout, and reports to stderr. @default no log */
  log?: LogLevel
  /** The time, for tests. @default Date.now */
  now?: Clock
  /** Told of what happens, for those who count. */
  observe?: (event: ServerEvent) => void
  /** Told of what went wrong where nobody can be answered, or where the answer cannot say it. @default a line on stderr, of the log where there is one */
  report?: (error: unknown, what: string) => void
  /** Called with the HTTP application before it listens; for hooks of tests. */
  prepare?: (app: FastifyInstance) => void | Promise<void>
}

/** A server that answers. */
export interface RunningServer {
  /** Where it answers: `http://host:port`, or `unix:/path`. */
  readonly url: string
  /** Where it gives metrics without credentials, if it was asked to. */
  readonly metricsUrl?: string
  /**
   * Stops: takes no more requests, tells waiters to come back, lets running attempts end for `limits.attemptGraceMs` and
   * hands back to the queue those that have not. The data stays.
   */
  close(): Promise<void>
  /** The same without patience, also while `close` waits: attempts are handed back, connections are cut. */
  closeNow(): Promise<void>
}

/**
 * Starts a server and waits until it answers.
 *
 * @throws AuthError when nobody would be asked who he is on an address that others reach, or when what tells it cannot be
 * used; others when the address is taken or the data folder is not usable.
 */
export async function startServer(options: ServerOptions): Promise<RunningServer> {
  const log = options.log && new (await import('./log/server-log.js')).ServerLog(options.log)
  const reportByDefault = log ? log.report.bind(log) : reportOnStderr
  const { now = Date.now, report = reportByDefault } = options
  await refuseAnonymous(options)
  const authenticate = options.auth && (await openAuthentication(options.auth, now, report))
  const tls = options.tls && (await readTlsPair(options.tls))
  const operations = new OperationRegistry(
    [...BUILTIN_OPERATIONS, ...(options.operations ?? [])],
    LACKING_OPERATIONS,
  )
  const { close: closeDrivers, ...drivers } = await openDrivers(options.storage, now)
  // Loaded only where it is wanted: whoever embeds a server for one call counts nothing.
  const metrics = options.metrics ? new (await import('./metrics/metrics.js')).Metrics() : undefined
  const tracing = options.isTracing ? new (await import('./tracing/tracing.js')).Tracing() : undefined
  const closing = new AbortController()
  const handingBack = new AbortController()
  // Every wait and every attempt listens.
  setMaxListeners(0, closing.signal, handingBack.signal)
  const live = new LiveAttempts()
  const limits = limitsOf(options.limits)
  const expiry = () => contentExpiry({ limits, now })
  const holds = new Holds({ contents: drivers.contents, limits, now, expiry, report })
  const engine: Engine = {
    ...drivers,
    blake3: await loadBlake3(),
    operations,
    limits,
    now,
    verifications: new Verifications(),
    arrivals: new Arrivals(),
    holds,
    outputs: new RunningOutputs(),
    watched: new WatchedEntries(),
    live,
    admissions: new Admissions(drivers.ledger, limits),
    room: new Room({ drivers, holds, limits, now, expiry, report }),
    closing: closing.signal,
    handingBack: handingBack.signal,
    observe: event => {
      options.observe?.(event)
      log?.event(event)
      metrics?.observe(event)
      tracing?.observe(event)
    },
    report,
  }
  let worker: Worker | undefined
  const { app, settled } = await createApp(engine, {
    ...(log && { log }),
    ...(authenticate && { authenticate }),
    ...(tls && { tls }),
    ...(metrics && { metrics }),
    ...(tracing && { tracing }),
    isWorking: () => worker?.isAlive ?? false,
  })
  metrics?.watch({ engine, traffic: new Traffic(app.server), underWay: app })
  let url: string
  let metricsListener: MetricsListener | undefined
  try {
    await options.prepare?.(app)
    if (metrics && typeof options.metrics === 'object') {
      metricsListener = await listenForMetrics(metrics, options.metrics)
    }
    url = await listen(app, options)
  } catch (error) {
    metricsListener?.close()
    await app.close()
    await closeDrivers()
    throw error
  }
  const unfollowTls = options.tls ? followTlsFiles(app.server, options.tls, report) : () => undefined
  const started = new Worker(engine, options.concurrency ?? availableParallelism())
  worker = started
  let sweeping: Promise<void> = Promise.resolve()
  const sweepOnce = () => {
    sweeping = sweeping
      .then(() => sweep(engine))
      .catch((error: unknown) => engine.report(error, 'collecting what has expired'))
  }
  // Also at once: many who embed a server live for less than the time between two sweeps.
  sweepOnce()
  const sweeper = setInterval(sweepOnce, SWEEP_MS)
  sweeper.unref()

  let closed: Promise<void> | undefined
  const close = async () => {
    closing.abort()
    clearInterval(sweeper)
    unfollowTls()
    metricsListener?.close()
    // Waits end at once; uploads and downloads may take longer, and are gone on with elsewhere or later.
    const cut = setInterval(() => app.server.closeAllConnections(), CLOSE_GRACE_MS)
    const grace = setTimeout(() => handingBack.abort(), limits.attemptGraceMs)
    // Until all of that has come to its end, who asks how the server is can still be told.
    await Promise.all([settled(), started.stop(), live.stop(), sweeping])
    clearTimeout(grace)
    await app.close()
    clearInterval(cut)
    // Those of requests that came meanwhile.
    await settled()
    await engine.room.close()
    await closeDrivers()
  }
  return {
    url,
    ...(metricsListener && { metricsUrl: metricsListener.url }),
    close: () => {
      closed ??= close()
      return closed
    },
    closeNow: () => {
      closed ??= close()
      handingBack.abort()
      app.server.closeAllConnections()
      return closed
    },
  }
}

/** A server that asks nobody who he is belongs to one machine, unless it is told otherwise in as many words. */
async function refuseAnonymous({ auth, allowAnonymous, host = DEFAULT_HOST, socket }: ServerOptions) {
  if (auth && allowAnonymous) {
    throw new AuthError('A server either asks who its callers are or allows anonymous ones, not both.')
  }
  if (auth || allowAnonymous || socket !== undefined || (await isLoopback(host))) return
  throw new AuthError(
    `Whoever reaches ${host || 'this machine'} could do everything: there is no authentication. ` +
      'Give tokens or JSON Web Tokens, listen on 127.0.0.1, or allow anonymous callers explicitly.',
  )
}

function reportOnStderr(error: unknown, what: string): void {
  const told = error instanceof Error ? (error.stack ?? error.message) : String(error)
  process.stderr.write(`opcache server: failed while ${what}: ${told}\n`)
}

async function openDrivers(storage: Storage, now: Clock): Promise<Drivers> {
  if (typeof storage === 'object' && 'openDrivers' in storage) return storage.openDrivers(now)
  if (storage === 'memory') {
    const { openMemoryDrivers } = await import('./drivers/memory/open-memory-drivers.js')
    return openMemoryDrivers({ now })
  }
  const { openEmbeddedDrivers } = await import('./drivers/embedded/open-embedded-drivers.js')
  return openEmbeddedDrivers({ ...storage, now })
}
