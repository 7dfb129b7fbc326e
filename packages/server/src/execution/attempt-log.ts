/** How much of its end is kept, in bytes. */
const LOG_BYTES = 16 * 1024

/** What an attempt logs: the last lines of it are kept, whatever comes. */
export class AttemptLog {
  #bytes = Buffer.alloc(0)

  /** Adds text as it came. */
  readonly append = (text: string): void => {
    this.#bytes = Buffer.concat([this.#bytes, Buffer.from(text.slice(-LOG_BYTES))]).subarray(-LOG_BYTES)
  }

  /** Undefined while there is nothing. */
  get text(): string | undefined {
    // The first character may have been cut.
    const text = this.#bytes.toString().replace(/^\ufffd+/, '')
    return text === '' ? undefined : text
  }
}
