/** The end of a text that comes in pieces. Each piece is copied a bounded number of times, however small they are. */
export class TextTail {
  readonly #characters: number
  #text = ''

  /** @param characters How many are kept. */
  constructor(characters: number) {
    this.#characters = characters
  }

  append(text: string): void {
    this.#text += text.slice(-this.#characters)
    // Cut only when it has doubled, so that a cut is paid for by as much as came.
    if (this.#text.length > 2 * this.#characters) this.#text = this.text
  }

  get text(): string {
    return this.#text.slice(-this.#characters)
  }
}
