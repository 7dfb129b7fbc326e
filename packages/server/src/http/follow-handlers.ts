import type { FastifyInstance } from 'fastify'

/**
 * Follows the handlers of the routes that are registered from now on; the answer waits until none runs. A handler may
 * outlive its connection: a part that was cut is still committed, and stores must not be closed before that.
 */
export function followHandlers(app: FastifyInstance): () => Promise<void> {
  const running = new Set<Promise<unknown>>()
  app.addHook('onRoute', route => {
    const { handler } = route
    route.handler = function (request, reply) {
      const handled = Promise.resolve(handler.call(this, request, reply))
      const forget = () => void running.delete(handled)
      running.add(handled)
      handled.then(forget, forget)
      return handled
    }
  })
  return async () => {
    while (running.size > 0) await Promise.allSettled(running)
  }
}
