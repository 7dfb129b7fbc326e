import { PATHS } from '@opcache/protocol'
import type { FastifyInstance } from 'fastify'
import type { Engine } from '../../engine/engine.js'

/** For those who watch the server: it lives; it can work. */
export function healthRoutes(app: FastifyInstance, engine: Engine): void {
  app.get(PATHS.health, async () => ({ status: 'ok' }))
  app.get(PATHS.ready, async (_request, reply) => {
    const availableBytes = await engine.blobs.availableBytes()
    const isReady = !engine.closing.aborted && availableBytes > 0
    return reply.code(isReady ? 200 : 503).send({ status: isReady ? 'ok' : 'not-ready' })
  })
}
