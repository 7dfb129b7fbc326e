import { type FileHandle, open } from 'node:fs/promises'
import { Readable } from 'node:stream'

/** Bytes of a piece that is read at once. */
const PIECE_BYTES = 256 * 1024

/**
 * Reads a part of a file. Unlike the streams of `node:fs`, it fails where the file ends too early: a part must never
 * look whole.
 */
export class BlobReader extends Readable {
  readonly #path: string
  readonly #end: number
  #at: number
  #file: FileHandle | undefined

  constructor(path: string, start: number, end: number) {
    super({ highWaterMark: PIECE_BYTES })
    this.#path = path
    this.#at = start
    this.#end = end
  }

  override _construct(callback: (error?: Error | null) => void): void {
    open(this.#path, 'r').then(file => {
      this.#file = file
      callback()
    }, callback)
  }

  override _read(): void {
    this.#readPiece().then(
      piece => this.push(piece),
      (error: Error) => this.destroy(error),
    )
  }

  override _destroy(error: Error | null, callback: (error?: Error | null) => void): void {
    // Closing waits for a read that is under way.
    const closed = this.#file?.close() ?? Promise.resolve()
    closed.then(
      () => callback(error),
      closeError => callback(error ?? closeError),
    )
  }

  async #readPiece(): Promise<Buffer | null> {
    if (this.#at >= this.#end) return null
    const piece = Buffer.allocUnsafeSlow(Math.min(PIECE_BYTES, this.#end - this.#at))
    const { bytesRead } = await this.#file!.read(piece, 0, piece.length, this.#at)
    if (bytesRead === 0) throw new Error(`The file ${this.#path} ends at ${this.#at}, before ${this.#end}.`)
    this.#at += bytesRead
    return piece.subarray(0, bytesRead)
  }
}
