import { ProtocolError } from '@opcache/protocol'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { RateLimiterMemory, type RateLimiterRes } from 'rate-limiter-flexible'

/** Refuses a request of a user who has asked too often. @throws ProtocolError `rate-limited` */
export type CheckRate = (request: FastifyRequest, reply: FastifyReply) => Promise<void>

/** Lets each user of each namespace make so many requests a second, whatever the token. */
export function limitRate(requestsPerSecond: number): CheckRate {
  if (requestsPerSecond === Number.POSITIVE_INFINITY) return async () => undefined
  const limiter = new RateLimiterMemory({ points: requestsPerSecond, duration: 1 })
  const told = `You may make ${requestsPerSecond} requests a second here: wait a moment.`
  return ({ caller }, reply) => consume(limiter, JSON.stringify([caller.namespace, caller.user]), reply, told)
}

/** Refuses an address that has sent too many wrong credentials. @throws ProtocolError `rate-limited` */
export type CountWrongCredential = (request: FastifyRequest, reply: FastifyReply) => Promise<void>

/** Lets each address send so many wrong credentials a minute. Right ones are not counted, and go on working. */
export function limitWrongCredentials(wrongCredentialsPerMinute: number): CountWrongCredential {
  if (wrongCredentialsPerMinute === Number.POSITIVE_INFINITY) return async () => undefined
  const limiter = new RateLimiterMemory({ points: wrongCredentialsPerMinute, duration: 60 })
  const told = 'Too many credentials that are not valid here have come from your address: wait a moment.'
  return ({ ip = 'socket' }, reply) => consume(limiter, ip, reply, told)
}

async function consume(
  limiter: RateLimiterMemory,
  who: string,
  reply: FastifyReply,
  told: string,
): Promise<void> {
  const refused = await limiter
    .consume(who)
    .then(() => undefined)
    .catch((result: RateLimiterRes) => result)
  if (!refused) return
  reply.header('retry-after', Math.max(1, Math.ceil(refused.msBeforeNext / 1000)))
  throw new ProtocolError('rate-limited', told)
}
