import type { Failure } from '../failure/failure.js'

/** What is told of a source that was not begun, since another one failed. */
export function notBegun(exitStatus: number, advice: string): Failure {
  return {
    code: 'not-begun',
    message: 'It was not begun, since another source failed (--fail-fast).',
    advice,
    exitStatus,
  }
}
