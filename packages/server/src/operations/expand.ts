import type { Transform } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import type { OperationContext } from './operation.js'
import { OperationError } from './operation-error.js'

/** How one format is expanded. */
export interface Expansion {
  /** What a source of it is called: `gzip file`. */
  readonly what: string
  /** Takes packed bytes, gives those that were packed; counts the ones that it used. */
  readonly unpacking: Transform & { readonly bytesWritten: number }
  /** The codes of errors that speak of the bytes; everything else is an accident. */
  readonly damage: RegExp
  /** Cuts what comes where the format needs it, before it is expanded. */
  readonly cut?: (chunks: AsyncIterable<Buffer>) => AsyncIterable<Buffer>
  /** Whether bytes after the end may be left out, as zeros after a gzip file. @default false */
  readonly mayBePadded?: boolean
}

/** Expands the source into the output. @throws OperationError where it is not whole, or goes on after its end */
export async function expand(
  { input, output, signal }: OperationContext<unknown>,
  { what, unpacking, damage, cut, mayBePadded = false }: Expansion,
): Promise<void> {
  let sizeBytes = 0
  async function* counted(chunks: AsyncIterable<Buffer>) {
    for await (const chunk of chunks) {
      sizeBytes += chunk.length
      yield chunk
    }
  }
  const pieces = (chunks: AsyncIterable<Buffer>) => cut?.(counted(chunks)) ?? counted(chunks)
  try {
    await pipeline(input.stream(), pieces, unpacking, output, { end: false, signal })
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException
    if (!damage.test(code ?? '')) throw error
    throw new OperationError(`The source is not a whole ${what}: ${message}.`, { cause: error })
  }
  if (!mayBePadded && unpacking.bytesWritten < sizeBytes) {
    throw new OperationError(
      `The source is not one whole ${what}: it goes on after its end, at byte ${unpacking.bytesWritten}.`,
    )
  }
  // Also where nothing was packed: an empty result is one.
  output.end()
}
