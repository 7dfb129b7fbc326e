import { Readable } from 'node:stream'
import type { EntryKey, ResultDocument } from '@opcache/protocol'
import type { Client } from '../client.js'
import { OrderedBlocks } from '../download/ordered-blocks.js'
import type { ResultRange } from '../download/result-range.js'
import { resultStream } from '../download/result-stream.js'
import type { DownloadTarget } from '../download/target.js'
import type { CallOptions, FileOptions } from '../options.js'
import { checkOutput, OutputFile } from '../output/output-file.js'
import { type Call, callOf } from '../transport/call.js'
import type { CachedResult } from './run-result.js'

/** Connections that one download uses at most: beyond that they only take from each other. */
const DOWNLOAD_WORKERS = 4

/** Bytes of a result that came before anybody asked for them. */
export interface EarlyBytes {
  /** All of them, verified. */
  readonly held?: Uint8Array | undefined
  /** An answer that brings them, from the first on. */
  readonly running?: ResultRange | undefined
}

/** A result that can be fetched; its methods share how they get at the bytes. */
export class FetchableResult implements CachedResult {
  readonly key: EntryKey
  readonly result: ResultDocument
  readonly #client: Client
  readonly #target: DownloadTarget
  readonly #held: Uint8Array | undefined
  readonly #running: ResultRange | undefined

  constructor(client: Client, target: DownloadTarget, { held, running }: EarlyBytes = {}) {
    this.key = target.key
    this.result = target.result
    this.#client = client
    this.#target = target
    this.#held = held
    this.#running = running
  }

  stream(options: CallOptions = {}): Readable {
    if (this.#held) return Readable.from([this.#held], { objectMode: false })
    return resultStream(this.#client.connection, callOf(options), this.#target, this.#workers)
  }

  async bytes(options: CallOptions = {}): Promise<Uint8Array> {
    // A copy: a Buffer's slice would be the same memory.
    if (this.#held) return Uint8Array.from(this.#held)
    const { size } = this.result
    const bytes = Buffer.allocUnsafeSlow(size)
    const reader = new OrderedBlocks(this.#client.connection, callOf(options), this.#target, this.#workers)
    try {
      for (let at = 0; ; ) {
        const block = await reader.next()
        if (!block) return bytes
        bytes.set(block, at)
        at += block.length
      }
    } finally {
      await reader.close()
    }
  }

  async text(options: CallOptions = {}): Promise<string> {
    return new TextDecoder().decode(await this.bytes(options))
  }

  async toFile(path: string, options: FileOptions = {}): Promise<void> {
    await this.writeTo(path, options.force ?? false, callOf(options))
  }

  /** As {@link toFile}, as a stage of a call. */
  async writeTo(path: string, force: boolean, call: Call): Promise<void> {
    await checkOutput(path, force)
    if (this.#held) {
      await writeWhole(path, force, this.result, this.#held)
      return
    }
    const { downloadFile } = await import('../beyond-hits.js')
    const { connection } = this.#client
    const running = this.#running
    await downloadFile(connection, call, this.#target, { path, force, workers: this.#workers, running })
  }

  get #workers(): number {
    return Math.min(DOWNLOAD_WORKERS, this.#client.pace.limits.max)
  }
}

async function writeWhole(
  path: string,
  force: boolean,
  result: ResultDocument,
  bytes: Uint8Array,
): Promise<void> {
  const file = await OutputFile.resume(path, result)
  try {
    await file.write(bytes, 0)
    await file.publish(force)
  } catch (error) {
    await file.discard()
    throw error
  }
}
