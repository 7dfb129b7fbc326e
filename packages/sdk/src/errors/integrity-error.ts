import { OpcacheError } from './opcache-error.js'

/** Bytes that came are not those of the content they were asked as; none of them was handed out. */
export class IntegrityError extends OpcacheError {
  override readonly name = 'IntegrityError'
  readonly code = 'integrity'

  constructor(
    /** The content that was asked for. */
    readonly contentId: string,
    /** Index of the bad block; undefined when the manifest or the whole is wrong. */
    readonly block: number | undefined,
    reason: string,
  ) {
    super(
      `The download of ${contentId} is damaged: ${reason}. Nothing of it was kept; try again. Where it stays damaged, so ` +
        'is what the server has: `opcache cache verify --cache-dir <folder>` finds it there.',
    )
  }
}

export function isIntegrityError(error: unknown): error is IntegrityError {
  return error instanceof Error && error.name === 'IntegrityError'
}
