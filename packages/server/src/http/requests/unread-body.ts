import type { IncomingMessage } from 'node:http'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { cutSlowBody } from '../guards/slow-body.js'
import { isWaitingForContinue } from './expectation.js'

/** Requests whose body is read beside their answer. */
const kept = new WeakSet<IncomingMessage>()

/** The body is read while the answer is sent: it is not an unread one. */
export function keepBody(request: FastifyRequest): void {
  kept.add(request.raw)
}

/**
 * Sees to a body that an answer did not wait for. It is read away up to `limitBytes`, so that the client comes to read
 * the answer; a longer one costs the connection. Where the client was waiting for leave to send it, the connection ends
 * with the answer: nobody could tell a body that comes nevertheless from the next request.
 */
export function settleUnreadBody(request: FastifyRequest, reply: FastifyReply, limitBytes: number): void {
  if (isWaitingForContinue(request)) reply.header('connection', 'close')
  else if (!kept.has(request.raw)) readAway(request, reply, limitBytes)
}

/** Reads away what is left of a body, up to `limitBytes`. */
export function readAway({ raw, server }: FastifyRequest, reply: FastifyReply, limitBytes: number): void {
  if (raw.readableEnded || raw.destroyed) return
  cutSlowBody(raw, server.limits)
  let drained = 0
  raw.on('data', (chunk: Buffer) => {
    drained += chunk.length
    // An answer that is still on its way is not cut: who sends and reads at once gets all of it.
    if (drained > limitBytes && reply.raw.writableFinished) raw.socket.destroy()
  })
  raw.resume()
}
