import type { ClientRequest, IncomingMessage } from 'node:http'
import { ConnectionLost } from './connection-lost.js'

/** The head of the answer to a request. @throws ConnectionLost when there is none */
export function headOf(request: ClientRequest): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    request.once('response', resolve)
    let isAnswered = false
    request.once('information', () => {
      isAnswered = true
    })
    // Stays attached: a request that is destroyed later may report that as well.
    request.on('error', (cause: NodeJS.ErrnoException) => {
      // The error of a name with several addresses has a code and no words.
      const reason = cause.message || cause.code || 'no answer'
      const isStale = request.reusedSocket && !isAnswered && isClosedSocket(cause)
      reject(new ConnectionLost(reason, { cause, isStale }))
    })
    request.once('close', () => reject(new ConnectionLost('the connection was closed')))
  })
}

/**
 * Tells whether a failure may be that of a kept connection which the server closed before it read this request, where it
 * answered nothing at all. RFC 9112, 9.3.1, lets a client repeat what is idempotent, and here everything is.
 */
function isClosedSocket({ code }: NodeJS.ErrnoException): boolean {
  return code === 'ECONNRESET' || code === 'EPIPE'
}
