import { OutputError } from '@opcache/sdk'

/** Who reads stdout has gone, as `head` does once it has seen enough: there is nobody left to work for. */
export class ReaderGone extends Error {
  override readonly name = 'ReaderGone'
}

/** Writes to stdout and waits until it is taken. @throws ReaderGone, OutputError */
export function writeStandardOutput(chunk: Uint8Array | string): Promise<void> {
  return new Promise((resolve, reject) => {
    const onError = (error: NodeJS.ErrnoException) => reject(outputFailure(error))
    process.stdout.once('error', onError)
    process.stdout.write(chunk, error => {
      if (error) return onError(error)
      process.stdout.off('error', onError)
      resolve()
    })
  })
}

function outputFailure(error: NodeJS.ErrnoException): Error {
  return error.code === 'EPIPE'
    ? new ReaderGone('Nobody reads stdout any more.', { cause: error })
    : writeFailure('Standard output', error)
}

/** The error for `label`, the start of a sentence, that could not be written to. */
export function writeFailure(label: string, error: NodeJS.ErrnoException): OutputError {
  const isFull = error.code === 'ENOSPC' || error.code === 'EDQUOT' || error.code === 'EFBIG'
  return isFull
    ? new OutputError('output-full', `${label} takes no more bytes: no space is left.`, error)
    : new OutputError('output-not-writable', `${label} cannot be written to: ${error.message}.`, error)
}
