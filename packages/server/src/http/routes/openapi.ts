import { MEDIA_TYPES, PATHS } from '@opcache/protocol'
import type { FastifyInstance } from 'fastify'
import { openApiDocument } from '../openapi/openapi-document.js'
import type { Route } from '../route-table.js'

/** The description of all routes that there are when it is first asked for. The protocol is public, and so is this. */
export function openApiRoute(app: FastifyInstance, routes: () => readonly Route[]): void {
  let text: string | undefined
  app.get(PATHS.openApi, { config: { isOpen: true } }, async (_request, reply) => {
    text ??= JSON.stringify(openApiDocument(routes()))
    return reply.header('cache-control', 'no-store').type(MEDIA_TYPES.json).send(text)
  })
}
