import { HEADERS, isProtocolError, MEDIA_TYPES, ProtocolError } from '@opcache/protocol'
import type { FastifyError, FastifyReply } from 'fastify'

/** Seconds after which a client may try again what failed for want of room or time. */
const RETRY_AFTER_SECONDS = 5

/** Any error as one of the protocol. */
export function asProtocolError(error: unknown): ProtocolError {
  if (isProtocolError(error)) return error
  const { code, statusCode, message } = error as FastifyError
  if (code === 'FST_ERR_CTP_BODY_TOO_LARGE') {
    return new ProtocolError('too-large', 'The body is larger than this request may have.')
  }
  if (code === 'FST_ERR_BAD_URL' || (statusCode !== undefined && statusCode >= 400 && statusCode < 500)) {
    return new ProtocolError('bad-request', `${message}.`, { cause: error })
  }
  return new ProtocolError('internal', 'Something went wrong on the server. Its log says more.', {
    cause: error,
  })
}

/** Answers an error as a problem document. */
export function sendError(error: unknown, reply: FastifyReply): FastifyReply {
  const problem = asProtocolError(error)
  const isForNow = problem.status === 503 || problem.status === 429
  if (isForNow && !reply.hasHeader('retry-after')) reply.header('retry-after', RETRY_AFTER_SECONDS)
  // RFC 9110, 11.6.1: an answer with 401 says how to authenticate.
  if (problem.status === 401) reply.header('www-authenticate', 'Bearer')
  return reply
    .code(problem.status)
    .headers({ [HEADERS.protocol]: '1', 'cache-control': 'no-store' })
    .type(MEDIA_TYPES.problem)
    .send(problem.toProblem())
}
