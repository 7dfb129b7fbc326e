import { BLOCK_BYTES, type Capabilities, PATHS } from '@opcache/protocol'
import type { FastifyInstance } from 'fastify'
import type { Engine } from '../../engine/engine.js'

/** What this server can do, for this caller; and whether it lives. */
export function capabilityRoutes(app: FastifyInstance, engine: Engine): void {
  app.get(PATHS.capabilities, async (request, reply): Promise<Capabilities> => {
    reply.header('cache-control', 'no-store')
    const { limits, operations, blobs } = engine
    const { namespace, user, scopes } = request.caller
    return {
      protocol: 1,
      blockBytes: BLOCK_BYTES,
      ...blobs.capabilities,
      maxContentBytes: limits.maxContentBytes,
      maxJsonBytes: limits.maxJsonBytes,
      maxWaitSeconds: limits.maxWaitSeconds,
      resultHoldSeconds: limits.resultHoldSeconds,
      entryTtlSeconds: limits.entryTtlSeconds,
      failureTtlSeconds: limits.failureTtlSeconds,
      contentTtlSeconds: limits.contentTtlSeconds,
      operations: await operations.documents(),
      ...(operations.lacking.length > 0 ? { lacking: [...operations.lacking] } : {}),
      caller: { namespace, user, scopes: [...scopes] },
    }
  })
}
