/** The server cannot tell who asks: what is configured for it is wrong, or nothing is. It does not start. */
export class AuthError extends Error {
  override readonly name = 'AuthError'
}

/** Whether an error is an {@link AuthError}, also one from another copy of this package. */
export function isAuthError(error: unknown): error is AuthError {
  return error instanceof Error && error.name === 'AuthError'
}
