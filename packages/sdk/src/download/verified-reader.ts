import { BLOCK_BYTES, type Blake3, blockCount, blockLength, loadBlake3, PATHS } from '@opcache/protocol'
import { spaceHeader } from '../stages/space-header.js'
import type { Call } from '../transport/call.js'
import type { Connection } from '../transport/connection.js'
import { ResultRange } from './result-range.js'
import type { DownloadTarget } from './target.js'
import { verifyBlock, verifyManifest, verifyWhole } from './verify-block.js'

/** Fetches a result block by block, each verified before it is handed out, across lost connections. */
export class VerifiedReader {
  readonly #connection: Connection
  readonly #call: Call
  readonly #target: DownloadTarget
  #index = 0
  #range: ResultRange | undefined
  #manifest: Uint8Array | undefined

  constructor(connection: Connection, call: Call, target: DownloadTarget) {
    this.#connection = connection
    this.#call = call
    this.#target = target
  }

  /** The next block, or undefined at the end. @throws IntegrityError, NotCachedError */
  async next(): Promise<Uint8Array | undefined> {
    const { id, size } = this.#target.result
    const blake3 = await loadBlake3()
    if (size === 0) verifyWhole(blake3, id, new Uint8Array(0))
    if (this.#index >= blockCount(size)) return undefined
    const block = await this.#connection.attempt(this.#call, () => this.#fetchBlock(blake3))
    this.#index += 1
    const bytes = Math.min(size, this.#index * BLOCK_BYTES)
    this.#call.progress.report({ phase: 'downloading', bytes, totalBytes: size })
    return block
  }

  /** Ends the download; what runs for it is closed. */
  async close(): Promise<void> {
    const range = this.#range
    this.#range = undefined
    await range?.close()
  }

  async #fetchBlock(blake3: Blake3): Promise<Uint8Array> {
    const { id, size } = this.#target.result
    try {
      if (blockCount(size) > 1) this.#manifest ??= await this.#fetchManifest(blake3)
      this.#range ??= await ResultRange.open(
        this.#connection,
        this.#call,
        this.#target,
        this.#index * BLOCK_BYTES,
      )
      const block = await this.#range.read(blockLength(size, this.#index))
      if (this.#manifest) verifyBlock(blake3, id, this.#manifest, this.#index, block)
      else verifyWhole(blake3, id, block)
      return block
    } catch (error) {
      await this.close()
      throw error
    }
  }

  async #fetchManifest(blake3: Blake3): Promise<Uint8Array> {
    const { result, isPrivate } = this.#target
    const answer = await this.#connection.send(
      { method: 'GET', path: PATHS.manifest(result.id), headers: spaceHeader(isPrivate) },
      this.#call,
    )
    const manifest = await answer.bytes()
    verifyManifest(blake3, result, manifest)
    return manifest
  }
}
