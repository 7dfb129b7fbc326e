import type { Readable } from 'node:stream'
import { MessageChannel } from 'node:worker_threads'

/** A closed port: what is transferred to it is taken from its owner, and belongs to nobody. */
const nowhere = closedPort()

/**
 * The bytes of a body as they arrive. A chunk is valid until the next one is asked for: its memory is given back then,
 * since Node gives each piece of a body memory of its own, and the collector's search for it would be half of the work
 * of receiving. Leaving early leaves the body open, to be drained or destroyed by who owns it.
 */
export async function* bodyChunks(body: Readable): AsyncGenerator<Uint8Array> {
  for await (const chunk of body.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
    yield chunk
    freeMemory(chunk)
  }
}

/** A chunk that is only a part of some memory is left alone: others may be using the rest. */
function freeMemory({ buffer, byteLength }: Buffer): void {
  if (buffer.byteLength === byteLength) nowhere.postMessage(undefined, [buffer as ArrayBuffer])
}

function closedPort() {
  const { port1 } = new MessageChannel()
  port1.close()
  return port1
}
