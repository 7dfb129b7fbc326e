import { OpcacheError } from './opcache-error.js'

/** Something answers at the address, but it does not speak this protocol. */
export class NotOpcacheError extends OpcacheError {
  override readonly name = 'NotOpcacheError'
  readonly code = 'not-opcache'

  constructor(
    readonly url: string,
    cause?: unknown,
  ) {
    super(`${url} answers, but not as an opcache server. Check the address and the port.`, cause)
  }
}

export function isNotOpcacheError(error: unknown): error is NotOpcacheError {
  return error instanceof Error && error.name === 'NotOpcacheError'
}
