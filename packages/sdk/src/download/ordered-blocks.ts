import { BLOCK_BYTES, type BlockRange, blockCount } from '@opcache/protocol'
import { Bell } from '../transport/bell.js'
import type { Call } from '../transport/call.js'
import type { Connection } from '../transport/connection.js'
import { runWorkers } from '../upload/workers.js'
import { type Download, fetchBlocks } from './fetch-blocks.js'
import { planPieces } from './pieces.js'
import { judgeOf } from './result-manifest.js'
import type { DownloadTarget } from './target.js'

/** Blocks that are fetched ahead of the reader at most: what a download costs in memory. */
const WINDOW_BLOCKS = 16

/** Fetches a result and hands its blocks out in order, each verified, while several workers fetch what comes next. */
export class OrderedBlocks {
  readonly #connection: Connection
  readonly #call: Call
  readonly #target: DownloadTarget
  readonly #workers: number
  readonly #stop = new AbortController()
  readonly #changed = new Bell()
  readonly #ready = new Map<number, Uint8Array>()
  #next = 0
  #fetching: Promise<void> | undefined
  #failure: { error: unknown } | undefined

  constructor(connection: Connection, call: Call, target: DownloadTarget, workers: number) {
    this.#connection = connection
    const { signal } = call
    this.#call = {
      ...call,
      signal: signal ? AbortSignal.any([signal, this.#stop.signal]) : this.#stop.signal,
    }
    this.#target = target
    this.#workers = workers
  }

  /** The next block, or undefined at the end. @throws IntegrityError, NotCachedError */
  async next(): Promise<Uint8Array | undefined> {
    this.#fetching ??= this.#fetch().catch(error => {
      this.#failure = { error }
      this.#changed.ring()
    })
    const { size } = this.#target.result
    // The empty content is fetched as well: its id is to be that of nothing.
    if (size === 0) await this.#fetching
    for (;;) {
      const block = this.#ready.get(this.#next)
      if (block) return this.#handOut(block)
      if (this.#failure) throw this.#failure.error
      if (this.#next >= blockCount(size)) return undefined
      await this.#changed.sleep(undefined, this.#call.signal)
    }
  }

  /** Ends the download; what runs for it is closed. */
  async close(): Promise<void> {
    this.#stop.abort(new Error('The download was closed.'))
    await this.#fetching
  }

  #handOut(block: Uint8Array): Uint8Array {
    const { size } = this.#target.result
    this.#ready.delete(this.#next)
    this.#next += 1
    this.#changed.ring()
    const bytes = Math.min(size, this.#next * BLOCK_BYTES)
    this.#call.progress.report({ phase: 'downloading', bytes, totalBytes: size })
    return block
  }

  async #fetch(): Promise<void> {
    const target = this.#target
    const judge = await judgeOf(this.#connection, this.#call, target)
    const download: Download = { connection: this.#connection, target, judge }
    const { size } = target.result
    const pieces = size === 0 ? [] : planPieces([[0, blockCount(size)]], size)
    const count = Math.min(this.#workers, pieces.length)
    await runWorkers(count, this.#call.signal, signal => async () => {
      const piece = pieces.shift()
      if (!piece) return 'nothing-left'
      const call = { ...this.#call, signal }
      // No request is begun whose answer could not be taken at once: a line that waits for a reader is cut by servers.
      while (!this.#isInWindow(piece)) await this.#changed.sleep(undefined, signal)
      await fetchBlocks(download, call, piece, (index, block) => {
        this.#ready.set(index, block)
        this.#changed.ring()
      })
      return 'go-on'
    })
  }

  #isInWindow([first, count]: BlockRange): boolean {
    return first === this.#next || first + count <= this.#next + WINDOW_BLOCKS
  }
}
