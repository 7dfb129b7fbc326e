import { PATHS } from '@opcache/protocol'
import type { FastifyInstance } from 'fastify'
import { requireScopes } from '../../engine/caller.js'
import type { Metrics } from '../../metrics/metrics.js'

/** What the whole server counts, for admins. */
export function metricRoutes(app: FastifyInstance, metrics: Metrics): void {
  app.get(PATHS.metrics, async (request, reply) => {
    requireScopes(request.caller, 'admin')
    return reply
      .header('cache-control', 'no-store')
      .type(metrics.contentType)
      .send(await metrics.text())
  })
}
