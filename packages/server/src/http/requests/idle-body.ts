import type { FastifyRequest } from 'fastify'

/** A body that brings nothing for so long comes from nobody: its connection is cut, and its blocks are free again. */
const IDLE_BODY_MS = 60_000

/** Cuts the connection of a request whose body is read but does not come. A request without one may wait for long. */
export function cutIdleBody({ raw }: FastifyRequest): void {
  const { 'content-length': length = '0', 'transfer-encoding': encoding } = raw.headers
  if (encoding === undefined && Number(length) === 0) return
  const { socket } = raw
  socket.setTimeout(IDLE_BODY_MS)
  raw.once('end', () => {
    // After an early answer the time is that of a connection which is kept alive.
    if (socket.timeout === IDLE_BODY_MS) socket.setTimeout(0)
  })
}
