import { statfs } from 'node:fs/promises'
import { ProtocolError } from '@opcache/protocol'

/** `EIO`, `EFBIG`, `ENOSPC`, `EDQUOT` as the store gives them: LMDB calls a write that a full disk cut short `EIO`. */
const WRITE_FAILURES = [5, 27, 28, 122]

/** Less than this is too little for a commit. */
const FULL_BYTES = 1 << 20

/** What made a transaction fail, as the error to be thrown. */
export async function recordsError(error: unknown, folder: string): Promise<unknown> {
  const cause = await commitErrorOf(error)
  const code = (cause as { code?: unknown } | undefined)?.code
  if (typeof code !== 'number' || !WRITE_FAILURES.includes(code)) return cause
  const { bavail, bsize } = await statfs(folder)
  if (code === 5 && bavail * bsize > FULL_BYTES) return cause
  return new ProtocolError('storage-full', 'The disk of the store is full: its records cannot be written.', {
    cause,
  })
}

/** The store hides the cause of a failed commit in a promise that rejects with it. */
async function commitErrorOf(error: unknown): Promise<unknown> {
  const commitError = (error as { commitError?: Promise<never> } | undefined)?.commitError
  return commitError ? commitError.catch(cause => cause) : error
}
