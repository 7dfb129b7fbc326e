/** What a client may do after an error. */
export type RetryRule =
  /** The same request meets the same answer. */
  | 'never'
  /** Once, with a new token. */
  | 'new-token'
  /** After reading the state again: it is not what the client believed. */
  | 'after-resync'
  /** At once, without `Expect`. */
  | 'without-expect'
  /** Later, after `Retry-After` where it is given. */
  | 'later'

interface ErrorRow {
  readonly status: number
  readonly retry: RetryRule
  readonly title: string
}

/** Every error of the protocol by its stable code. Both sides are driven by this one table. */
export const ERROR_TABLE = {
  'bad-request': { status: 400, retry: 'never', title: 'The request is malformed' },
  unauthenticated: { status: 401, retry: 'new-token', title: 'Credentials are missing or not valid' },
  forbidden: { status: 403, retry: 'never', title: 'The credentials do not allow this' },
  'entry-not-found': { status: 404, retry: 'never', title: 'There is no such entry' },
  'content-not-found': { status: 404, retry: 'never', title: 'There is no such content' },
  'operation-not-found': { status: 404, retry: 'never', title: 'There is no such operation' },
  'not-found': { status: 404, retry: 'never', title: 'There is nothing at this path' },
  'method-not-allowed': { status: 405, retry: 'never', title: 'The path does not know this method' },
  'descriptor-conflict': { status: 409, retry: 'after-resync', title: 'The key has another descriptor' },
  'content-mismatch': {
    status: 409,
    retry: 'after-resync',
    title: 'The bytes are not the announced content',
  },
  'attempt-changed': { status: 409, retry: 'after-resync', title: 'Another attempt runs now' },
  'length-required': { status: 411, retry: 'never', title: 'Content-Length is required' },
  'too-large': { status: 413, retry: 'never', title: 'More bytes than the server takes' },
  'unsupported-encoding': { status: 415, retry: 'never', title: 'Content-Encoding is not understood' },
  'range-not-satisfiable': { status: 416, retry: 'never', title: 'The range lies outside of the bytes' },
  'expectation-failed': { status: 417, retry: 'without-expect', title: 'The expectation is not understood' },
  'key-mismatch': { status: 422, retry: 'never', title: 'The key is not that of the descriptor' },
  'manifest-mismatch': { status: 422, retry: 'never', title: 'The manifest is not that of the content' },
  'invalid-params': { status: 422, retry: 'never', title: 'The operation does not take these parameters' },
  'block-mismatch': { status: 422, retry: 'after-resync', title: 'A block is not the one in the manifest' },
  'operation-failed': { status: 422, retry: 'never', title: 'The operation failed' },
  'rate-limited': { status: 429, retry: 'later', title: 'Too many requests' },
  internal: { status: 500, retry: 'later', title: 'The server failed' },
  busy: { status: 503, retry: 'later', title: 'The server is busy' },
  'storage-full': { status: 503, retry: 'later', title: 'The server has no space left' },
} as const satisfies Record<string, ErrorRow>

/** The stable code of an error. */
export type ErrorCode = keyof typeof ERROR_TABLE

/** Whether `text` is a code of this protocol version. */
export function isErrorCode(text: unknown): text is ErrorCode {
  return typeof text === 'string' && Object.hasOwn(ERROR_TABLE, text)
}
