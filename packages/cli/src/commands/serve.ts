import { mkdir } from 'node:fs/promises'
import { resolve } from 'node:path'
import type { Durability, LogLevel, TlsOptions } from '@opcache/server'
import { readServerConfig } from '../embedded/read-server-config.js'
import { notUsable } from '../embedded/start-embedded.js'
import { CommandError, usageError } from '../failure/command-error.js'
import { remark } from '../output/remark.js'
import { writeStandardOutput } from '../output/standard-output.js'
import { interruptionSignal, onSecondSignal } from '../process/interruption.js'
import { keepYoungHeapSmall } from '../process/small-young-heap.js'
import { userFolders } from '../settings/folders.js'
import type { GlobalOptions } from '../settings/settings.js'
import { type AuthFlags, authOptions } from './auth-flags.js'

export interface ServeFlags extends GlobalOptions, AuthFlags {
  readonly host?: string
  readonly port?: number
  readonly socket?: string
  readonly data?: string
  readonly config?: string
  /** Bytes. */
  readonly maxSize?: number
  /** Bytes. */
  readonly minFree?: number
  readonly durability?: Durability
  /** Seconds. */
  readonly closeGrace?: number
  readonly log?: boolean
  readonly logLevel?: LogLevel
  readonly allowAnonymous?: boolean
  readonly metricsPort?: number
  readonly otlpEndpoint?: string
  readonly tlsKey?: string
  readonly tlsCert?: string
}

/** `opcache serve`: a server until a signal comes. Its address is the first line of stdout. */
export async function serve(flags: ServeFlags): Promise<void> {
  const { host, port, socket, quiet } = flags
  if (socket !== undefined && (host !== undefined || port !== undefined)) {
    throw usageError('A server listens on --socket or on --host and --port.', 'Leave one of them out.')
  }
  if (flags.cacheDir !== undefined) {
    throw usageError(
      '--cache-dir is the folder that commands without a server use.',
      'Name the folder of a server with --data.',
    )
  }
  const auth = authOptions(flags)
  const tls = tlsOptions(flags)
  const folder = resolve(flags.data ?? userFolders().data)
  await mkdir(folder, { recursive: true, mode: 0o700 }).catch(error => {
    throw notUsable(folder, error)
  })
  const stop = interruptionSignal()
  await keepYoungHeapSmall()
  const [{ startServer }, config] = await Promise.all([
    import('@opcache/server'),
    readServerConfig(flags.config),
  ])
  const place = {
    ...(socket !== undefined && { socket: resolve(socket) }),
    ...(host !== undefined && { host }),
    ...(port !== undefined && { port }),
  }
  const log = flags.logLevel ?? (flags.log ? 'info' : undefined)
  const endTracing = await traceWhereAsked(flags.otlpEndpoint)
  const server = await startServer({
    ...config,
    storage: { folder, ...(flags.durability && { durability: flags.durability }) },
    limits: {
      ...config.limits,
      ...(flags.maxSize !== undefined && { maxStoreBytes: flags.maxSize }),
      ...(flags.minFree !== undefined && { minFreeBytes: flags.minFree }),
      ...(flags.closeGrace !== undefined && { attemptGraceMs: flags.closeGrace * 1000 }),
    },
    ...(log && { log }),
    isTracing: endTracing !== undefined,
    allowAnonymous: flags.allowAnonymous ?? false,
    metrics: flags.metricsPort === undefined ? true : { port: flags.metricsPort },
    ...(auth && { auth }),
    ...(tls && { tls }),
    ...place,
  }).catch(error => {
    throw startFailure(error, folder, flags)
  })
  onSecondSignal(() => void server.closeNow())
  try {
    const tell = log ? tellAsLog(log) : (_level: LogLevel, text: string) => remark(text)
    if (!quiet) await tell('info', `Serving ${folder}; Ctrl-C stops.`)
    if (flags.allowAnonymous) {
      await tell('warn', `Nobody is asked for credentials: whoever reaches ${server.url} can do everything.`)
    }
    await writeStandardOutput(`${server.url}\n`)
    await aborted(stop)
  } finally {
    await server.close()
    await endTracing?.()
  }
}

/** The numbers that the server's log has for its levels. */
const WEIGHTS: Readonly<Record<LogLevel, number>> = { debug: 20, info: 30, warn: 40, error: 50 }

/** As the server writes its log: who reads stderr is not to meet two formats, nor what weighs too little. */
function tellAsLog(from: LogLevel): (level: LogLevel, msg: string) => Promise<void> {
  return async (level, msg) => {
    if (WEIGHTS[level] < WEIGHTS[from]) return
    process.stderr.write(`${JSON.stringify({ level: WEIGHTS[level], time: Date.now(), msg })}\n`)
  }
}

/** Sends spans to the collector that an option or the variables of OpenTelemetry name, if they do. */
async function traceWhereAsked(endpoint: string | undefined): Promise<(() => Promise<void>) | undefined> {
  const { env } = process
  const named = endpoint ?? env.OTEL_EXPORTER_OTLP_TRACES_ENDPOINT ?? env.OTEL_EXPORTER_OTLP_ENDPOINT
  if (!named || env.OTEL_SDK_DISABLED === 'true') return undefined
  if (!URL.canParse(named)) {
    throw usageError(`"${named}" is no address of a collector.`, 'Write it like http://127.0.0.1:4318.')
  }
  // Loaded only where it is wanted.
  const { startTracing } = await import('../tracing/start-tracing.js')
  return startTracing(endpoint)
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise(done => {
    // Signals do not keep a process alive, nor do they need to: the server's socket does.
    if (signal.aborted) done()
    else signal.addEventListener('abort', () => done(), { once: true })
  })
}

function tlsOptions({ tlsKey: key, tlsCert: cert, socket }: ServeFlags): TlsOptions | undefined {
  if (key === undefined && cert === undefined) return undefined
  if (key === undefined || cert === undefined) {
    throw usageError('TLS needs a key and a certificate.', 'Give --tls-key and --tls-cert.')
  }
  if (socket !== undefined) {
    throw usageError(
      'A socket is reached by this machine alone: it has no TLS.',
      'Leave out --tls-key and --tls-cert.',
    )
  }
  return { key: resolve(key), cert: resolve(cert) }
}

function startFailure(
  error: NodeJS.ErrnoException,
  folder: string,
  { host, port, socket }: ServeFlags,
): Error {
  if (error.name === 'AuthError') {
    return new CommandError(
      'cannot-authenticate',
      error.message,
      'See --tokens, --jwt-jwks, --tls-key, --host and --allow-anonymous in `opcache serve --help`.',
      error,
    )
  }
  const place = socket ?? `${host ?? '127.0.0.1'}:${port ?? 7077}`
  const reasons: Record<string, string> = {
    EADDRINUSE: socket === undefined ? 'somebody else listens there' : 'a server or another file is there',
    EADDRNOTAVAIL: 'this machine has no such address',
    ENOTFOUND: 'there is no such host',
    EINVAL: 'the path of the socket is too long or not allowed',
  }
  const isPlace = error.syscall === 'listen' || error.syscall === 'getaddrinfo'
  if (!isPlace) return notUsable(folder, error)
  return new CommandError(
    'cannot-listen',
    `The server cannot listen on ${place}: ${reasons[error.code ?? ''] ?? error.message}.`,
    'Choose another place with --port (0: any free one), --host or --socket.',
    error,
  )
}
