import { PATHS } from '@opcache/protocol'
import type { FastifyInstance } from 'fastify'
import type { Readiness } from '../../engine/upkeep/readiness.js'

const OPEN = { config: { isOpen: true } }

/** For those who watch the server: it lives; it can work, or why not. Open to everybody: it tells nothing else. */
export function healthRoutes(app: FastifyInstance, readiness: Readiness): void {
  app.get(PATHS.health, OPEN, async () => ({ status: 'ok' }))
  app.get(PATHS.ready, OPEN, async (_request, reply) => {
    const reasons = await readiness.reasons()
    const isReady = reasons.length === 0
    return reply
      .code(isReady ? 200 : 503)
      .header('cache-control', 'no-store')
      .send({ status: isReady ? 'ok' : 'not-ready', reasons })
  })
}
