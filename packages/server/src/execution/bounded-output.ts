import { Transform, type TransformCallback } from 'node:stream'
import { OperationError } from '../operations/operation-error.js'

/** Where an attempt's result goes: ends with an error beyond `limitBytes`, and knows whether anything came. */
export class BoundedOutput extends Transform {
  readonly #limitBytes: number
  #bytes = 0

  constructor(limitBytes: number) {
    super()
    this.#limitBytes = limitBytes
    // It may fail before anybody reads it; whoever does meets the error then.
    this.on('error', () => undefined)
  }

  /** Whether a result was written, be it an empty one. */
  get hasResult(): boolean {
    return this.#bytes > 0 || this.writableEnded
  }

  override _transform(chunk: Buffer, _encoding: BufferEncoding, done: TransformCallback): void {
    this.#bytes += chunk.length
    if (this.#bytes <= this.#limitBytes) done(null, chunk)
    else
      done(
        new OperationError(`The result would be larger than the ${this.#limitBytes} bytes that it may have.`),
      )
  }
}
