import { ProtocolError } from '@opcache/protocol'
import type { FastifyInstance, HTTPMethods } from 'fastify'

/** Answers 405 for the methods that a path does not know, once all routes are registered. Call it before them. */
export function refuseOtherMethods(app: FastifyInstance): () => void {
  const known = new Map<string, Set<string>>()
  app.addHook('onRoute', ({ url, method }) => {
    const methods = known.get(url) ?? new Set()
    for (const name of [method].flat()) methods.add(name)
    known.set(url, methods)
  })
  return () => {
    for (const [url, methods] of [...known]) {
      const allow = [...methods].join(', ')
      app.route({
        url,
        method: app.supportedMethods.filter(method => !methods.has(method)) as HTTPMethods[],
        handler: (_request, reply) => {
          reply.header('allow', allow)
          throw new ProtocolError('method-not-allowed', `This path knows ${allow}.`)
        },
      })
    }
  }
}
