/** One operation of a command, with its parameters as they were typed. */
export interface OperationStep {
  readonly name: string
  readonly params: readonly string[]
}

/**
 * Sorts parameters to the operations that they were typed after: those before the first `--then` belong to `--op`, the
 * others to the `--then` before them. Options are told in the order in which they stand on the command line.
 */
export class OperationSteps {
  readonly #first: string[] = []
  readonly #following: { name: string; params: string[] }[] = []

  /** `-p`; answers the parameters of `--op`. */
  readonly addParam = (text: string): readonly string[] => {
    const params = this.#following.at(-1)?.params ?? this.#first
    params.push(text)
    return this.#first
  }

  /** `--then`; answers all steps after the first. */
  readonly addStep = (name: string): readonly OperationStep[] => {
    this.#following.push({ name, params: [] })
    return this.#following
  }
}
