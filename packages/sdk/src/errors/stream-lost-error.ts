import { OpcacheError } from './opcache-error.js'

/** What was streamed is no longer whole at the server, and a stream cannot be read again. */
export class StreamLostError extends OpcacheError {
  override readonly name = 'StreamLostError'
  readonly code = 'stream-lost'

  constructor(reason: string, cause?: unknown) {
    super(
      `The server lost what was streamed to it: ${reason} A stream cannot be read again, so run the call again with ` +
        'the source from its start, or without streaming: then the bytes are kept until the server has them all.',
      cause,
    )
  }
}

export function isStreamLostError(error: unknown): error is StreamLostError {
  return error instanceof Error && error.name === 'StreamLostError'
}
