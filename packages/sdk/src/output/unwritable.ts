import { dirname } from 'node:path'
import { OutputError } from '../errors/output-error.js'

/** The error for a file that could not be written. */
export function unwritable(path: string, cause: unknown): OutputError {
  const { code, message } = cause as NodeJS.ErrnoException
  switch (code) {
    case 'ENOSPC':
    case 'EDQUOT':
    case 'EFBIG':
      return new OutputError(
        'output-full',
        `There is no space left for ${path}. Make room and run again.`,
        cause,
      )
    case 'ENOENT':
    case 'ENOTDIR':
      return new OutputError(
        'output-not-writable',
        `${path} cannot be written: there is no folder ${dirname(path)}, or it takes no new files.`,
        cause,
      )
    case 'EACCES':
    case 'EPERM':
    case 'EROFS':
      return new OutputError('output-not-writable', `${path} may not be written by this user.`, cause)
    default:
      return new OutputError('output-not-writable', `${path} cannot be written: ${message}.`, cause)
  }
}

/** The error for a file that is there already. */
export function outputExists(path: string, cause?: unknown): OutputError {
  return new OutputError(
    'output-exists',
    `${path} is there already. Give another name, or say that it may be replaced (force).`,
    cause,
  )
}
