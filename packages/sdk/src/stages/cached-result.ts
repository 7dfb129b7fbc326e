import { Readable } from 'node:stream'
import type { EntryKey, ResultDocument } from '@opcache/protocol'
import type { Client } from '../client.js'
import { resultStream } from '../download/result-stream.js'
import type { DownloadTarget } from '../download/target.js'
import { VerifiedReader } from '../download/verified-reader.js'
import type { CallOptions, FileOptions } from '../options.js'
import { checkOutput, OutputFile } from '../output/output-file.js'
import { type Call, callOf } from '../transport/call.js'
import type { CachedResult } from './run-result.js'

/** Something that hands out verified blocks. */
interface BlockReader {
  next(): Promise<Uint8Array | undefined>
  close(): Promise<void>
}

/** A result that can be fetched; its methods share how they get at the bytes. */
export class FetchableResult implements CachedResult {
  readonly key: EntryKey
  readonly result: ResultDocument
  readonly #client: Client
  readonly #target: DownloadTarget
  readonly #held: Uint8Array | undefined

  /** `held`: the bytes, where they came already and were verified. */
  constructor(client: Client, target: DownloadTarget, held?: Uint8Array) {
    this.key = target.key
    this.result = target.result
    this.#client = client
    this.#target = target
    this.#held = held
  }

  stream(options: CallOptions = {}): Readable {
    if (this.#held) return Readable.from([this.#held], { objectMode: false })
    return resultStream(this.#client.connection, callOf(options), this.#target)
  }

  async bytes(options: CallOptions = {}): Promise<Uint8Array> {
    // A copy: a Buffer's slice would be the same memory.
    if (this.#held) return Uint8Array.from(this.#held)
    const blocks: Uint8Array[] = []
    await this.#read(callOf(options), async block => void blocks.push(block))
    return Buffer.concat(blocks)
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
    const file = await OutputFile.begin(path)
    try {
      await this.#read(call, block => file.write(block))
      call.signal?.throwIfAborted()
      await file.publish(force)
    } catch (error) {
      await file.discard()
      throw error
    }
  }

  async #read(call: Call, use: (block: Uint8Array) => Promise<void>): Promise<void> {
    const reader = this.#reader(call)
    try {
      for (;;) {
        const block = await reader.next()
        if (!block) return
        await use(block)
      }
    } finally {
      await reader.close()
    }
  }

  #reader(call: Call): BlockReader {
    if (!this.#held) return new VerifiedReader(this.#client.connection, call, this.#target)
    const blocks = this.#held.length > 0 ? [this.#held] : []
    return { next: async () => blocks.shift(), close: async () => undefined }
  }
}
