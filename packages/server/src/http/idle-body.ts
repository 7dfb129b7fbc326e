import type { FastifyRequest } from 'fastify'

/** A body that brings nothing for so long comes from nobody: its connection is cut, and its blocks are free again. */
const IDLE_BODY_MS = 60_000

/** Cuts the connection of a request whose body is read but does not come. */
export function cutIdleBody({ raw }: FastifyRequest): void {
  if (raw.readableEnded) return
  const { socket } = raw
  socket.setTimeout(IDLE_BODY_MS)
  raw.once('end', () => socket.setTimeout(0))
}
