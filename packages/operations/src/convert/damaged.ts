import { isOperationError, OperationError } from '@opcache/server/operation'

/** Failures of the machine, not of the source: the same conversion may succeed another time. */
const accidents =
  /\b(?:out of memory|allocat\w*|ENOMEM|EMFILE|ENOENT|EIO|ENOSPC|EACCES|Input file is missing)\b/i

/**
 * What a library threw while it read a source, as a failure that is told to people: the first sentence of its message, no
 * stack. Accidents and cancelling stay what they are.
 *
 * @param what The source in words, e.g. `a PNG image`.
 * @param path Where the library read it, which is nobody's business.
 */
export function damaged(error: unknown, what: string, signal: AbortSignal, path?: string): unknown {
  if (signal.aborted) return signal.reason
  if (isOperationError(error)) return error
  const message = error instanceof Error ? error.message : String(error)
  if (accidents.test(message)) return error
  const first = message.split(/\n|\. /, 1)[0]!
  const reason = (path === undefined ? first : first.replaceAll(`${path}: `, '').replaceAll(path, 'it'))
    .replace(/[\s:.]+$/, '')
    .slice(0, 200)
  const subject = what.replace(/^an? /, 'the ')
  return new OperationError(
    `${subject} could not be read, it seems to be damaged or incomplete (${reason})`,
    {
      cause: error,
    },
  )
}
