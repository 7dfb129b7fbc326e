/** Keeps those who wait at it until it is opened. */
export class Gate {
  #open!: () => void
  readonly opened = new Promise<void>(resolve => {
    this.#open = resolve
  })

  open(): void {
    this.#open()
  }
}
