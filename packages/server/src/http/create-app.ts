import { BLOCK_BYTES, HEADERS, ProtocolError } from '@opcache/protocol'
import Fastify, { type FastifyInstance } from 'fastify'
import type { Authenticate } from '../auth/authenticate.js'
import { LOCAL_CALLER } from '../engine/caller.js'
import type { Engine } from '../engine/engine.js'
import { Readiness } from '../engine/upkeep/readiness.js'
import type { ServerLog } from '../log/server-log.js'
import type { Metrics } from '../metrics/metrics.js'
import type { Tracing } from '../tracing/tracing.js'
import { asProtocolError, sendError } from './answers/errors.js'
import { followHandlers } from './follow-handlers.js'
import { answerClientError, refuseTunnels } from './guards/client-error.js'
import { limitRate, limitWrongCredentials } from './guards/rate-limit.js'
import { checkReasonable } from './guards/reasonable-request.js'
import { Slots } from './guards/slots.js'
import { cutUnreadAnswer } from './guards/unread-answer.js'
import { takeExpectations } from './requests/expectation.js'
import { acceptByteBodies } from './requests/json-body.js'
import './requests/request-context.js'
import { shedLoad } from './guards/shed-load.js'
import { logRequests, makeRequestId, pathOf, REQUEST_ID_HEADER } from './request-log.js'
import { settleUnreadBody } from './requests/unread-body.js'
import { followRoutes, type Route, refuseOtherMethods } from './route-table.js'
import { capabilityRoutes } from './routes/capabilities.js'
import { contentRoutes } from './routes/contents.js'
import { entryRoutes } from './routes/entries.js'
import { healthRoutes } from './routes/health.js'
import { metricRoutes } from './routes/metrics.js'
import { openApiRoute } from './routes/openapi.js'
import { runRoute } from './routes/run.js'
import { sealRoute } from './routes/streams.js'
import type { TlsPair } from './tls.js'

/** A client that says nothing after connecting is no client. */
const HANDSHAKE_MS = 10_000

/** Why what a request began ends with it. One for all: an error of its own for each costs more than most answers. */
const OVER = new Error('The request is over.')

/** How the HTTP face works. */
export interface AppOptions {
  /** Told of each request. */
  readonly log?: ServerLog
  /** Without it, every caller is the local one. */
  readonly authenticate?: Authenticate
  /** The server's key and certificate, in PEM. */
  readonly tls?: TlsPair
  readonly metrics?: Metrics
  readonly tracing?: Tracing
  /** Whether attempts are run. @default always */
  readonly isWorking?: () => boolean
}

/** The engine's HTTP face. */
export interface App {
  /** Not listening yet. */
  readonly app: FastifyInstance
  /** What it answers. */
  readonly routes: readonly Route[]
  /** Waits until no handler runs. */
  settled(): Promise<void>
}

/** Makes the routes, checks and answers of the protocol. */
export async function createApp(
  engine: Engine,
  { log, authenticate, tls, metrics, tracing, isWorking = () => true }: AppOptions,
): Promise<App> {
  const { limits } = engine
  const heads = {
    // However slowly a head comes, it is noticed within one and a half times as long.
    headersTimeout: limits.maxIdleMs,
    connectionsCheckingInterval: limits.maxIdleMs / 2,
    // Said by `checkReasonable`, as a problem of the protocol.
    requireHostHeader: false,
  }
  const app = Fastify({
    ...(tls ? { https: { ...tls, ...heads, handshakeTimeout: HANDSHAKE_MS } } : { http: heads }),
    genReqId: makeRequestId,
    // A part on a slow line may take as long as bytes keep coming.
    requestTimeout: 0,
    // Longer than the idle sockets of usual clients and proxies, so that it is they who close.
    keepAliveTimeout: 75_000,
    forceCloseConnections: 'idle',
    // Said below, as a problem of the protocol.
    return503OnClosing: false,
    clientErrorHandler: answerClientError,
    bodyLimit: Number.MAX_SAFE_INTEGER,
    // However long an id is, it is as unknown as others.
    routerOptions: { maxParamLength: 64 * 1024 },
    frameworkErrors: (error, _request, reply) => void sendError(error, reply),
  }) as unknown as FastifyInstance
  takeExpectations(app)
  const settled = followHandlers(app)
  const registered = followRoutes(app)

  const checkRate = limitRate(limits.requestsPerSecond)
  const countWrong = limitWrongCredentials(limits.wrongCredentialsPerMinute)
  app.server.maxConnections = limits.maxConnections
  refuseTunnels(app.server, limits.maxIdleMs)
  app.decorate('limits', limits)
  app.decorate(
    'uploads',
    new Slots('uploads', { ofUser: limits.maxUploadsPerUser, inAll: limits.maxUploads }),
  )
  app.decorate(
    'waits',
    new Slots('waiting requests', { ofUser: limits.maxWaitsPerUser, inAll: limits.maxWaits }),
  )
  app.decorateRequest('caller', null as never)
  app.decorateRequest('gone', null as never)
  // First, so that it sees what is refused.
  tracing?.follow(app)
  app.addHook('onRequest', async (request, reply) => {
    reply.header(HEADERS.protocol, '1').header(REQUEST_ID_HEADER, request.id)
    const gone = new AbortController()
    reply.raw.once('close', () => gone.abort(OVER))
    request.gone = gone.signal
    // A connection that is kept alive would keep a closing server alive.
    reply.raw.once('finish', () => engine.closing.aborted && request.raw.socket.destroySoon())
    cutUnreadAnswer(reply.raw, limits.maxIdleMs)
    checkReasonable(request, reply)
    if (engine.closing.aborted) reply.header('connection', 'close')
    if (!authenticate) request.caller = LOCAL_CALLER
    if (request.routeOptions.config.isOpen) return
    if (engine.closing.aborted) throw new ProtocolError('busy', 'The server is closing: come back later.')
    if (authenticate) {
      const { authorization } = request.headers
      request.caller = await authenticate(authorization).catch(async error => {
        // Who sends none guesses nothing.
        if (authorization !== undefined && asProtocolError(error).code === 'unauthenticated') {
          await countWrong(request, reply)
        }
        throw error
      })
    }
    await checkRate(request, reply)
  })
  shedLoad(app, limits.maxLoopDelayMs)
  const drainedBytes = engine.blobs.capabilities.maxPartBlocks * BLOCK_BYTES
  app.addHook('onSend', async (request, reply) => settleUnreadBody(request, reply, drainedBytes))
  app.addHook('onError', async (request, _reply, error) => {
    // The client learns that something failed, and nothing of what.
    const isInternal = asProtocolError(error).code === 'internal'
    if (!isInternal || request.gone.aborted) return
    engine.report(error, `answering ${request.method} ${pathOf(request)} (request ${request.id})`)
  })
  app.addHook('onResponse', async (request, reply) => {
    const { method, routeOptions } = request
    const { statusCode: status, elapsedTime: durationMs } = reply
    engine.observe({ kind: 'request-ended', method, route: routeOptions.url, status, durationMs })
  })
  if (log) logRequests(app, log)
  app.setErrorHandler((error, _request, reply) => sendError(error, reply))
  app.setNotFoundHandler(() => {
    throw new ProtocolError('not-found', 'There is nothing at this path. The protocol begins at /v1.')
  })
  acceptByteBodies(app)

  healthRoutes(app, new Readiness(engine, isWorking))
  if (metrics) metricRoutes(app, metrics)
  openApiRoute(app, () => routes)
  capabilityRoutes(app, engine)
  await app.register(async scope => entryRoutes(scope, engine))
  await app.register(async scope => contentRoutes(scope, engine))
  await app.register(async scope => sealRoute(scope, engine))
  await app.register(async scope => runRoute(scope, engine))
  const routes = [...registered]
  refuseOtherMethods(app, routes)
  return { app, routes, settled }
}
