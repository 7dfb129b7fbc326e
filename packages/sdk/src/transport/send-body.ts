import type { ClientRequest } from 'node:http'
import type { Socket } from 'node:net'
import type { StreamedBody } from './exchange.js'
import type { RateLimit } from './rate-limit.js'

/** RFC 9110, 10.1.1: who expects a 100 goes on after a while without any answer. */
const CONTINUE_WAIT_MS = 1000

/** What is handed to the socket at a time: what became needless meanwhile is not sent. */
const WRITE_BYTES = 256 * 1024

/** How a body is sent. */
export interface BodyLine {
  /** Wait until the server asks for it. */
  readonly isExpected: boolean
  readonly rateLimit?: RateLimit | undefined
  readonly signal?: AbortSignal | undefined
}

/**
 * Sends a body; where it `isExpected`, once the server asked for it (`100 Continue`) or stayed silent for
 * {@link CONTINUE_WAIT_MS}. A final answer ends the sending wherever it is. Resolves with the bytes sent; failures of the
 * connection are not told here.
 *
 * @throws what reading the body throws; the request is destroyed then.
 */
export async function sendBody(request: ClientRequest, body: StreamedBody, line: BodyLine): Promise<number> {
  let sentBytes = 0
  if (line.isExpected && !(await isBodyWanted(request))) return sentBytes
  const answered = stopsWanting(request)
  const chunks = body.chunks()
  try {
    for (;;) {
      const { value, done } = await chunks.next()
      if (answered.isSo) return sentBytes
      if (done) break
      for (const slice of slices(value, line.rateLimit?.sliceBytes ?? WRITE_BYTES)) {
        await line.rateLimit?.pass(slice.length, line.signal)
        sentBytes += slice.length
        await Promise.race([written(request, slice), answered.promise])
        if (answered.isSo) return sentBytes
      }
    }
    request.end()
  } catch (error) {
    request.destroy()
    throw error
  } finally {
    await chunks.return()
  }
  return sentBytes
}

function* slices(chunk: Uint8Array, bytes: number): Generator<Uint8Array, void, undefined> {
  for (let at = 0; at < chunk.length; at += bytes) yield chunk.subarray(at, at + bytes)
}

function isBodyWanted(request: ClientRequest): Promise<boolean> {
  return new Promise(resolve => {
    let timer: NodeJS.Timeout | undefined
    const settle = (isWanted: boolean) => () => {
      clearTimeout(timer)
      resolve(isWanted)
    }
    request.once('continue', settle(true))
    for (const end of ['response', 'error', 'close'] as const) request.once(end, settle(false))
    // The wait begins with the connection: while there is none, nobody could have answered.
    request.once('socket', (socket: Socket) => {
      const begin = () => {
        // After a pause of this process the answer may be there already, and is read before the immediate.
        timer = setTimeout(() => setImmediate(settle(true)), CONTINUE_WAIT_MS)
      }
      if (socket.connecting) socket.once('connect', begin)
      else begin()
    })
  })
}

/** Turns over when the request has its answer or its end. */
function stopsWanting(request: ClientRequest): { isSo: boolean; promise: Promise<void> } {
  const state = { isSo: request.destroyed, promise: Promise.resolve() }
  state.promise = new Promise(resolve => {
    const end = () => {
      state.isSo = true
      resolve()
    }
    if (state.isSo) end()
    for (const event of ['response', 'error', 'close'] as const) request.once(event, end)
  })
  return state
}

function written(request: ClientRequest, chunk: Uint8Array): Promise<void> {
  // A failed write is told by the request's own error, so its callback only ends the wait.
  return new Promise(resolve => void request.write(chunk, () => resolve()))
}
