import { TextTail } from './text-tail.js'

/** How much of its end is kept, in bytes. */
const LOG_BYTES = 16 * 1024

/** What an attempt logs: the last lines of it are kept, whatever comes. */
export class AttemptLog {
  // No character has less than a byte.
  readonly #tail = new TextTail(LOG_BYTES)

  /** Adds text as it came. */
  readonly append = (text: string): void => this.#tail.append(text)

  /** Undefined while there is nothing. */
  get text(): string | undefined {
    // The first character may have been cut.
    const text = Buffer.from(this.#tail.text)
      .subarray(-LOG_BYTES)
      .toString()
      .replace(/^\ufffd+/, '')
    return text === '' ? undefined : text
  }
}
