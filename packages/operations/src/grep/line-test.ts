import { OperationError } from '@opcache/server/operation'
import { RE2JS, RE2JSException } from 're2js'
import type { GrepParams } from './params.js'

/**
 * The question whether a line is kept. Patterns come from whoever may call the server: RE2 takes time in proportion to
 * the line, whatever the pattern, where JavaScript's own expressions may take for ever.
 *
 * @throws OperationError for a pattern that is no regular expression
 */
export function lineTest({ pattern, fixed, ignoreCase, invert }: GrepParams): (line: string) => boolean {
  const expression = compile(fixed ? RE2JS.quote(pattern) : pattern, pattern, ignoreCase)
  return line => expression.test(line) !== invert
}

function compile(source: string, pattern: string, ignoreCase: boolean): RE2JS {
  try {
    return RE2JS.compile(source, ignoreCase ? RE2JS.CASE_INSENSITIVE : 0)
  } catch (error) {
    if (!(error instanceof RE2JSException)) throw error
    const reason = error.message.replace(/^error parsing regexp: /, '')
    throw new OperationError(
      `the pattern ${JSON.stringify(pattern)} is no regular expression of RE2 (${reason}): mend it, or say fixed=true if it is meant as it stands`,
      { cause: error },
    )
  }
}
