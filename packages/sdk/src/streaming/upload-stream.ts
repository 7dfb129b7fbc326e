import { loadBlake3, type StreamDocument } from '@opcache/protocol'
import type { Client } from '../client.js'
import type { UploadReport } from '../run/run-result.js'
import type { Call } from '../transport/call.js'
import { runWorkers } from '../upload/workers.js'
import { readStream, type StreamIdentity } from './read-stream.js'
import { stayHeard } from './stay-heard.js'
import { StreamCounter } from './stream-counter.js'
import { type StreamContext, sendStreamPart } from './stream-part.js'
import { type StreamTarget, sealStream } from './stream-requests.js'
import { StreamWindow } from './stream-window.js'

/** Blocks that are held until the server has them: one for each connection to a far server. */
const WINDOW_BLOCKS = 16

/** The server's limit on the digests that a part announces. */
const DIGESTS_LIMIT = 64

/** A stream to be uploaded while it is read. */
export interface StreamUpload {
  readonly stream: StreamTarget
  /** What the server has of it already, where somebody else began it. */
  readonly known: StreamDocument | undefined
  /** The bytes; called once. */
  chunks(signal: AbortSignal): AsyncIterable<Uint8Array>
}

/** What an uploaded stream turned out to be, and what was sent of it. */
export interface StreamedUpload extends UploadReport, StreamIdentity {}

/** Sends a stream while it is read, several parts at a time, and seals it. @throws StreamLostError */
export async function uploadStream(
  client: Client,
  call: Call,
  { stream, known, chunks }: StreamUpload,
): Promise<StreamedUpload> {
  const { connection, pace } = client
  const { partBlocks, maxPartBlocks } = await client.capabilities(call)
  const atMostBlocks = Math.min(partBlocks, maxPartBlocks, DIGESTS_LIMIT)
  const blake3 = await loadBlake3()
  const window = new StreamWindow(WINDOW_BLOCKS)
  const counter = new StreamCounter(call)
  let identity: StreamIdentity | undefined
  // The first worker reads, the second keeps the stream alive, the others send; whichever fails stops them all.
  await runWorkers(2 + pace.limits.max, call.signal, (signal, worker) => {
    if (worker === 0) {
      return async () => {
        identity = await readStream(blake3, chunks(signal), window, signal)
        return 'nothing-left'
      }
    }
    if (worker === 1) {
      return async () => {
        await stayHeard(connection, { ...call, signal }, stream, window)
        return 'nothing-left'
      }
    }
    const context: StreamContext = { connection, pace, stream, known }
    const sendNext = async () => {
      const part = window.take(Math.min(atMostBlocks, Math.ceil(window.waitingBlocks / pace.concurrency)))
      if (part.length === 0) return
      counter.add(await sendStreamPart(context, { ...call, signal }, part))
      window.release(part)
    }
    return async () => {
      if (!(await window.hasBlock(signal))) return 'nothing-left'
      await pace.enter(signal, sendNext)
      return 'go-on'
    }
  })
  if (!identity) throw new Error('The stream was not read to its end.')
  await sealStream(connection, call, stream, identity)
  return { ...identity, ...counter.report() }
}
