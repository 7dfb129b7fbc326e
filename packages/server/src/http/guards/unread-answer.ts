import type { ServerResponse } from 'node:http'
import type { Socket } from 'node:net'

/**
 * Cuts the connection of a client that lets `maxIdleMs` pass without taking anything of what was written to it. One that
 * has taken all of it waits for the server, and may do so for long.
 */
export function cutUnreadAnswer(answer: ServerResponse, maxIdleMs: number): void {
  // The time begins anew with every byte that the system gets rid of.
  answer.setTimeout(maxIdleMs, (socket?: Socket) => {
    // An answer in process has no connection.
    if (!socket) return
    if (socket.writableLength > 0) socket.destroy()
    else socket.setTimeout(maxIdleMs)
  })
}
