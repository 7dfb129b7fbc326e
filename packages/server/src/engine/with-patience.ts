import { ProtocolError } from '@opcache/protocol'

/** How long a request waits for a verification before it is told to come back: clients give up silent connections. */
const PATIENCE_MS = 10_000

/**
 * What a verification comes to.
 *
 * @throws ProtocolError `busy` when it takes longer than a request may be silent; it goes on.
 */
export async function withPatience<T>(verification: Promise<T>): Promise<T> {
  let impatience: NodeJS.Timeout | undefined
  const tooLong = new Promise<never>((_, reject) => {
    impatience = setTimeout(() => {
      reject(
        new ProtocolError('busy', 'What is stored is being verified after an unclean stop: come back later.'),
      )
    }, PATIENCE_MS)
  })
  try {
    return await Promise.race([verification, tooLong])
  } finally {
    clearTimeout(impatience)
  }
}
