import { ProtocolError } from '@opcache/protocol'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { RateLimiterMemory, type RateLimiterRes } from 'rate-limiter-flexible'

/** Refuses a request of a user who has asked too often. @throws ProtocolError `rate-limited` */
export type CheckRate = (request: FastifyRequest, reply: FastifyReply) => Promise<void>

/** Lets each user of each namespace make so many requests a second, whatever the token. */
export function limitRate(requestsPerSecond: number): CheckRate {
  if (requestsPerSecond === Number.POSITIVE_INFINITY) return async () => undefined
  const limiter = new RateLimiterMemory({ points: requestsPerSecond, duration: 1 })
  return async ({ caller }, reply) => {
    const refused = await limiter
      .consume(JSON.stringify([caller.namespace, caller.user]))
      .then(() => undefined)
      .catch((result: RateLimiterRes) => result)
    if (!refused) return
    reply.header('retry-after', Math.max(1, Math.ceil(refused.msBeforeNext / 1000)))
    throw new ProtocolError(
      'rate-limited',
      `You may make ${requestsPerSecond} requests a second here: wait a moment.`,
    )
  }
}
