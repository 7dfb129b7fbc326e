import { CommandError } from '../failure/command-error.js'
import { fetchResult, type GetFlags } from './get.js'

/** `opcache retry`: runs a failed operation again from the stored source, and fetches its result. */
export function retry(keyText: string, flags: GetFlags): Promise<void> {
  return fetchResult(keyText, flags, async (cache, key, options) => {
    const entry = await cache.retry(key, options)
    if (entry.state !== 'UPLOADING') return
    throw new CommandError(
      'content-not-found',
      'The source of this entry is not stored on the server.',
      'Run `opcache upload` with the file and the operation.',
    )
  })
}
