import { ERROR_TABLE, type ErrorCode } from './error-table.js'
import type { Problem } from './problem.js'

/** Members that some codes add to their problem document. */
export interface ProblemMembers {
  /** `block-mismatch`, and `content-mismatch` for a part of a stream: the index of the first bad block. */
  block?: number
  /** `operation-failed`: whether the same input and parameters would fail again. */
  deterministic?: boolean
}

/** An error of the protocol: a code of the table and a sentence for people. */
export class ProtocolError extends Error {
  override readonly name = 'ProtocolError'
  readonly code: ErrorCode
  readonly members: ProblemMembers

  constructor(code: ErrorCode, detail: string, options: { cause?: unknown; members?: ProblemMembers } = {}) {
    super(detail, 'cause' in options ? { cause: options.cause } : undefined)
    this.code = code
    this.members = options.members ?? {}
  }

  get status(): number {
    return ERROR_TABLE[this.code].status
  }

  /** The document that travels (RFC 9457). */
  toProblem(): Problem {
    const { status, title } = ERROR_TABLE[this.code]
    return { type: 'about:blank', title, status, code: this.code, detail: this.message, ...this.members }
  }
}

/** Whether an error is a {@link ProtocolError}, also one from another copy of this package. */
export function isProtocolError(error: unknown): error is ProtocolError {
  return error instanceof Error && error.name === 'ProtocolError'
}
