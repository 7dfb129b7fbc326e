import { MEDIA_TYPES, ProtocolError, parseIJson } from '@opcache/protocol'
import type { FastifyInstance } from 'fastify'
import { letBodyCome } from './expectation.js'

/** Bodies of this scope are I-JSON of at most `maxBytes`. */
export function acceptJsonBodies(app: FastifyInstance, maxBytes: number): void {
  app.removeAllContentTypeParsers()
  app.addHook('preParsing', async (request, reply) => letBodyCome(request, reply))
  app.addContentTypeParser('*', { parseAs: 'buffer', bodyLimit: maxBytes }, (_request, body, done) => {
    done(null, body)
  })
  // Not in the parser: Fastify closes the connection when that fails, though the body was read to its end.
  app.addHook('preValidation', async request => {
    if (request.body === undefined) return
    const type = request.headers['content-type']?.split(';')[0]?.trim().toLowerCase()
    if (type !== MEDIA_TYPES.json) {
      throw new ProtocolError('bad-request', `The body is ${MEDIA_TYPES.json}, not "${type ?? ''}".`)
    }
    request.body = parseIJson(request.body as Buffer)
  })
}

/** The type of a body that is bytes in any case is a hint at most: in this scope, not even a malformed one matters. */
export function ignoreBodyType(app: FastifyInstance): void {
  app.addHook('onRequest', async request => void delete request.raw.headers['content-type'])
}

/** Bodies of this scope are bytes, read by the route as a stream. */
export function acceptByteBodies(app: FastifyInstance): void {
  app.removeAllContentTypeParsers()
  app.addContentTypeParser('*', (_request, payload, done) => done(null, payload))
}
