import { BLOCK_BYTES, HEADERS, ProtocolError } from '@opcache/protocol'
import Fastify, { type FastifyInstance } from 'fastify'
import { type Caller, LOCAL_CALLER } from '../engine/caller.js'
import type { Engine } from '../engine/engine.js'
import { answerClientError } from './client-error.js'
import { asProtocolError, sendError } from './errors.js'
import { takeExpectations } from './expectation.js'
import { followHandlers } from './follow-handlers.js'
import { acceptByteBodies } from './json-body.js'
import { refuseOtherMethods } from './method-not-allowed.js'
import './request-context.js'
import { capabilityRoutes } from './routes/capabilities.js'
import { contentRoutes } from './routes/contents.js'
import { entryRoutes } from './routes/entries.js'
import { healthRoutes } from './routes/health.js'
import { runRoute } from './routes/run.js'
import { settleUnreadBody } from './unread-body.js'

/** The engine's HTTP face: routes, checks and answers of the protocol. Not listening yet. `settled`: no handler runs. */
export async function createApp(
  engine: Engine,
  options: { isLogging: boolean; callers?: (authorization: string | undefined) => Promise<Caller> },
): Promise<{ app: FastifyInstance; settled: () => Promise<void> }> {
  const app = Fastify({
    logger: options.isLogging,
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
  })
  takeExpectations(app)
  const settled = followHandlers(app)
  const refuseTheRest = refuseOtherMethods(app)

  app.decorateRequest('caller', null as never)
  app.decorateRequest('gone', null as never)
  app.addHook('onRequest', async (request, reply) => {
    reply.header(HEADERS.protocol, '1')
    const gone = new AbortController()
    reply.raw.once('close', () => gone.abort())
    request.gone = gone.signal
    // A connection that is kept alive would keep a closing server alive.
    reply.raw.once('finish', () => engine.closing.aborted && request.raw.socket.destroySoon())
    if (engine.closing.aborted) throw new ProtocolError('busy', 'The server is closing.')
    request.caller = options.callers ? await options.callers(request.headers.authorization) : LOCAL_CALLER
  })
  const drainedBytes = engine.blobs.capabilities.maxPartBlocks * BLOCK_BYTES
  app.addHook('onSend', async (request, reply) => settleUnreadBody(request, reply, drainedBytes))
  app.addHook('onError', async (request, _reply, error) => {
    // The client learns that something failed, and nothing of what.
    const isInternal = asProtocolError(error).code === 'internal'
    if (isInternal && !request.gone.aborted)
      engine.report(error, `answering ${request.method} ${request.url}`)
  })
  app.setErrorHandler((error, _request, reply) => sendError(error, reply))
  app.setNotFoundHandler(() => {
    throw new ProtocolError('not-found', 'There is nothing at this path. The protocol begins at /v1.')
  })
  acceptByteBodies(app)

  healthRoutes(app, engine)
  capabilityRoutes(app, engine)
  await app.register(async scope => entryRoutes(scope, engine))
  await app.register(async scope => contentRoutes(scope, engine))
  await app.register(async scope => runRoute(scope, engine))
  refuseTheRest()
  return { app, settled }
}
