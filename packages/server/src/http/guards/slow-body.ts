import type { IncomingMessage } from 'node:http'
import type { Limits } from '../../engine/limits.js'

/** How often in `maxIdleMs` it is looked at what has come. */
const LOOKS = 6

/**
 * Cuts the connection of a body that is asked for and does not come, or too slowly to come from anybody who means it: its
 * blocks are free again for others, and its place too. While bytes wait for the server, it is the server that is slow.
 */
export function cutSlowBody(
  body: IncomingMessage,
  { maxIdleMs, minBodyBytesPerSecond }: Pick<Limits, 'maxIdleMs' | 'minBodyBytesPerSecond'>,
): void {
  const { socket } = body
  const wanted = Math.max(1, (minBodyBytesPerSecond * maxIdleMs) / 1000)
  let seenBytes = socket.bytesRead
  let looks = 0
  const timer = setInterval(() => {
    // Of a body that was answered before it had come, nothing tells that its connection has ended.
    if (socket.destroyed) clearInterval(timer)
    looks += 1
    const isOurs = body.readableLength > 0
    if (isOurs || socket.bytesRead - seenBytes >= wanted) {
      seenBytes = socket.bytesRead
      looks = 0
    } else if (looks >= LOOKS) socket.destroy()
  }, maxIdleMs / LOOKS)
  timer.unref()
  const stop = () => clearInterval(timer)
  body.once('end', stop).once('close', stop)
}
