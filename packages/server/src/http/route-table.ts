import { ProtocolError } from '@opcache/protocol'
import type { FastifyInstance, HTTPMethods } from 'fastify'

/** A path with the names of its parameters (`/v1/entries/:key`), and a method that it knows. */
export interface Route {
  readonly url: string
  readonly method: string
}

/** The routes that are registered from now on. */
export function followRoutes(app: FastifyInstance): readonly Route[] {
  const routes: Route[] = []
  app.addHook('onRoute', ({ url, method }) => {
    for (const name of [method].flat()) routes.push({ url, method: name })
  })
  return routes
}

/** Answers 405 for the methods that the paths of these routes do not know. */
export function refuseOtherMethods(app: FastifyInstance, routes: readonly Route[]): void {
  for (const url of new Set(routes.map(route => route.url))) {
    const known = routes.filter(route => route.url === url).map(({ method }) => method)
    const allow = known.join(', ')
    app.route({
      url,
      method: app.supportedMethods.filter(method => !known.includes(method)) as HTTPMethods[],
      handler: (_request, reply) => {
        reply.header('allow', allow)
        throw new ProtocolError('method-not-allowed', `This path knows ${allow}.`)
      },
    })
  }
}
