import { OpcacheError } from './opcache-error.js'

/** The source was changed while it was being hashed or uploaded; nothing was made from the mixture. */
export class SourceChangedError extends OpcacheError {
  override readonly name = 'SourceChangedError'
  readonly code = 'source-changed'

  constructor(source: string, cause?: unknown) {
    super(`${source} changed while it was being read. Run the call again once nobody writes to it.`, cause)
  }
}

export function isSourceChangedError(error: unknown): error is SourceChangedError {
  return error instanceof Error && error.name === 'SourceChangedError'
}
