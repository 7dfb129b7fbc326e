import { SourceError } from '../errors/source-error.js'

/** The error for a file that could not be opened or read. */
export function unreadable(path: string, cause: unknown): SourceError {
  const { code, message } = cause as NodeJS.ErrnoException
  switch (code) {
    case 'ENOENT':
    case 'ENOTDIR':
      return new SourceError('source-not-found', `There is no file ${path}. ${adviceOn(path)}`, cause)
    case 'EISDIR':
      return new SourceError('source-is-directory', `${path} is a folder; name a file in it.`, cause)
    case 'EACCES':
    case 'EPERM':
      return new SourceError('source-unreadable', `The file ${path} may not be read by this user.`, cause)
    default:
      return new SourceError('source-unreadable', `The file ${path} cannot be read: ${message}.`, cause)
  }
}

function adviceOn(path: string): string {
  // What is not UTF-8 in a name has become this character before anybody here sees it.
  return path.includes('\uFFFD')
    ? 'Names that are not UTF-8 cannot be told: give it another name, or pipe what is in it.'
    : 'Check the path.'
}
