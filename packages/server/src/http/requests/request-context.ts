import { HEADERS, ProtocolError } from '@opcache/protocol'
import type { FastifyRequest } from 'fastify'
import type { Caller } from '../../engine/caller.js'
import { callerSpace } from '../../engine/caller.js'
import type { Limits } from '../../engine/limits.js'
import type { SpaceId } from '../../ports/space.js'
import type { Slots } from '../guards/slots.js'

declare module 'fastify' {
  interface FastifyInstance {
    limits: Limits
    /** Bodies that are being received. */
    uploads: Slots
    /** Requests that wait for an entry, or follow it. */
    waits: Slots
  }
  interface FastifyRequest {
    /** Who asks; set before any route runs, except for those that are open to everybody. */
    caller: Caller
    /** Aborted when the client has gone. */
    gone: AbortSignal
  }
  interface FastifyContextConfig {
    /** Answers without asking who asks. */
    isOpen?: boolean
  }
}

/** Does something once a request was answered, or its client has gone; at once, when that has happened already. */
export function onceOver({ gone }: FastifyRequest, action: () => void): void {
  if (gone.aborted) action()
  else gone.addEventListener('abort', action, { once: true })
}

/** The space that a request on contents names: `Opcache-Space: private`, or the shared one. */
export function requestedSpace(request: FastifyRequest): SpaceId {
  const value = request.headers[HEADERS.space]
  if (value !== undefined && value !== 'private' && value !== 'shared') {
    throw new ProtocolError('bad-request', `${HEADERS.space} is "private" or "shared", not "${value}".`)
  }
  return callerSpace(request.caller, value === 'private')
}

/** The value of a header that is given once, or undefined. */
export function singleHeader(request: FastifyRequest, name: string): string | undefined {
  const value = request.headers[name]
  if (Array.isArray(value)) throw new ProtocolError('bad-request', `The header ${name} is given twice.`)
  return value
}
