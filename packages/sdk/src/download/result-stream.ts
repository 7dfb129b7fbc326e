import { Readable } from 'node:stream'
import { BLOCK_BYTES } from '@opcache/protocol'
import type { Call } from '../transport/call.js'
import type { Connection } from '../transport/connection.js'
import { OrderedBlocks } from './ordered-blocks.js'
import type { DownloadTarget } from './target.js'

/** A result as a stream that fails rather than give a byte that was not verified. */
export function resultStream(
  connection: Connection,
  call: Call,
  target: DownloadTarget,
  workers: number,
): Readable {
  const stop = new AbortController()
  const signal = call.signal ? AbortSignal.any([call.signal, stop.signal]) : stop.signal
  const reader = new OrderedBlocks(connection, { ...call, signal }, target, workers)
  return new Readable({
    highWaterMark: BLOCK_BYTES,
    read() {
      reader.next().then(
        block => this.push(block ?? null),
        error => this.destroy(error),
      )
    },
    destroy(error, callback) {
      stop.abort(error ?? new Error('The stream was destroyed.'))
      reader.close().then(
        () => callback(error),
        () => callback(error),
      )
    },
  })
}
