import underPressure from '@fastify/under-pressure'
import { ProtocolError } from '@opcache/protocol'
import type { FastifyInstance } from 'fastify'

/**
 * Refuses requests while the event loop comes round later than `maxLoopDelayMs` on average: those that are under way come
 * to their end, and who comes back later finds a server that answers in time.
 */
export async function shedLoad(app: FastifyInstance, maxLoopDelayMs: number): Promise<void> {
  await app.register(underPressure, {
    maxEventLoopDelay: maxLoopDelayMs,
    pressureHandler: async ({ routeOptions }) => {
      // Who asks how the server is must be told, above all now.
      if (routeOptions.config.isOpen) return
      throw new ProtocolError('busy', 'The server has more to do than it can at the moment.')
    },
  })
}
