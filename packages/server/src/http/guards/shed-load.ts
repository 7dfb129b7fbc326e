import { ProtocolError } from '@opcache/protocol'
import type { FastifyInstance } from 'fastify'

/** How often it is looked at how late the event loop is. */
const LOOK_MS = 50

/** What one look counts for in the average: a pause now and then is none of load. */
const LOOK_WEIGHT = 0.15

/** How late one look may be at most, in so many times what is borne on average: nor is one long pause of the machine. */
const LATEST = 3

/**
 * Refuses requests while the event loop comes round later than `maxLoopDelayMs` on average: those that are under way come
 * to their end, and who comes back later finds a server that answers in time.
 */
export function shedLoad(app: FastifyInstance, maxLoopDelayMs: number): void {
  let averageMs = 0
  let lookedAt = performance.now()
  const timer = setInterval(() => {
    const now = performance.now()
    const lateMs = Math.min(Math.max(0, now - lookedAt - LOOK_MS), LATEST * maxLoopDelayMs)
    averageMs += (lateMs - averageMs) * LOOK_WEIGHT
    lookedAt = now
  }, LOOK_MS)
  timer.unref()
  app.addHook('onClose', async () => clearInterval(timer))
  app.addHook('onRequest', async ({ routeOptions }) => {
    // Who asks how the server is must be told, above all now.
    if (averageMs <= maxLoopDelayMs || routeOptions.config.isOpen) return
    throw new ProtocolError('busy', 'The server has more to do than it can at the moment.')
  })
}
