import { randomBytes } from 'node:crypto'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import type { ServerLog } from '../log/server-log.js'

/** Names a request in the log and in its answer, so that whoever got an error can be helped. Never what a client says. */
export function makeRequestId(): string {
  // Not a UUID: Node puts those together from twenty pieces, which as many waiting requests would hold.
  return randomBytes(16).toString('hex')
}

/** Name of the header that carries it. */
export const REQUEST_ID_HEADER = 'x-request-id'

/** Where a request went, without its query: parameters of operations may be secret. */
export function pathOf({ url }: FastifyRequest): string {
  return url.split('?', 1)[0] as string
}

/**
 * A line for each request, once it has ended: who asked for what, and what became of it. Nothing of headers, queries and
 * bodies: credentials, salts and parameters are nobody's business.
 */
export function logRequests(app: FastifyInstance, log: ServerLog): void {
  app.addHook('onResponse', async (request, reply) => {
    const { id: reqId, method, caller, ip: remoteAddress } = request
    const { statusCode: status, elapsedTime } = reply
    log.request({
      reqId,
      method,
      path: pathOf(request),
      status,
      durationMs: Math.round(elapsedTime * 10) / 10,
      remoteAddress,
      ...(caller && { namespace: caller.namespace, user: caller.user }),
    })
  })
}
