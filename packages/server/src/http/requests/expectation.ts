import type { IncomingMessage, ServerResponse } from 'node:http'
import { BLOCK_BYTES, ERROR_TABLE, HEADERS, MEDIA_TYPES, ProtocolError } from '@opcache/protocol'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { cutSlowBody } from '../guards/slow-body.js'
import { onceOver } from './request-context.js'

/** Requests whose client waits for leave to send the body. */
const waiting = new WeakSet<IncomingMessage>()

/** Lets the routes decide on `Expect: 100-continue` themselves; Node would answer 100 before they are asked. */
export function takeExpectations(app: FastifyInstance): void {
  app.server.on('checkContinue', (request: IncomingMessage, response: ServerResponse) => {
    waiting.add(request)
    app.server.emit('request', request, response)
  })
  app.server.on('checkExpectation', (request: IncomingMessage, response: ServerResponse) => {
    const problem = new ProtocolError(
      'expectation-failed',
      `"${request.headers.expect}" is no expectation that is understood here: repeat without it.`,
    ).toProblem()
    const body = JSON.stringify(problem)
    response.writeHead(ERROR_TABLE['expectation-failed'].status, {
      'content-type': MEDIA_TYPES.problem,
      [HEADERS.protocol]: '1',
      'cache-control': 'no-store',
      'content-length': Buffer.byteLength(body),
      connection: 'close',
    })
    response.end(body)
  })
}

/** Whether the client sends the body only after {@link letBodyCome}. */
export function isWaitingForContinue(request: FastifyRequest): boolean {
  return waiting.has(request.raw)
}

/**
 * Asks for the body, which is read from now on: sends 100 where the client waits for it, and only there (RFC 9110,
 * 10.1.1). `heldBytes` of it are held in memory at a time.
 *
 * @throws ProtocolError `rate-limited`, `busy` when too many bodies are coming
 */
export function letBodyCome(request: FastifyRequest, reply: FastifyReply, heldBytes = 0): void {
  const { raw, caller, server } = request
  if (!hasBody(raw)) return
  const release = server.uploads.take(caller, Math.max(1, Math.ceil(heldBytes / BLOCK_BYTES)))
  raw.once('end', release)
  onceOver(request, release)
  if (waiting.delete(raw)) reply.raw.writeContinue()
  cutSlowBody(raw, server.limits)
}

function hasBody({ headers }: IncomingMessage): boolean {
  return headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > 0
}
