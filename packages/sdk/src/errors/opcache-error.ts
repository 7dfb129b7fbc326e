/** Base of every error this package throws on purpose. `code` is stable; messages are for people and may change. */
export abstract class OpcacheError extends Error {
  /** What happened, in a form that programs can rely on. */
  abstract readonly code: string

  constructor(message: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause })
  }
}

/** Whether an error comes from opcache, whatever its kind: it has a `code` to decide on. */
export function isOpcacheError(error: unknown): error is OpcacheError {
  return error instanceof OpcacheError
}
