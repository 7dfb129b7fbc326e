/** A text that comes in pieces, with one word in it replaced, also where it comes in several of them. */
export class ReplacedText {
  readonly #word: string
  readonly #by: string
  /** What may be the beginning of the word. */
  #held = ''

  constructor(word: string, by: string) {
    this.#word = word
    this.#by = by
  }

  /** Takes the next piece, and answers what can be told by now. */
  next(piece: string): string {
    const parts = (this.#held + piece).split(this.#word)
    const last = parts.pop()!
    this.#held = last.slice(last.length - this.#begunLength(last))
    parts.push(last.slice(0, last.length - this.#held.length))
    return parts.join(this.#by)
  }

  /** The rest, once nothing comes any more. */
  end(): string {
    const rest = this.#held
    this.#held = ''
    return rest
  }

  /** How much of the end of a text may be the beginning of the word. */
  #begunLength(text: string): number {
    let length = Math.min(text.length, this.#word.length - 1)
    while (!this.#word.startsWith(text.slice(text.length - length))) length -= 1
    return length
  }
}
