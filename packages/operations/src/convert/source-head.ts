import type { OperationInput } from '@opcache/server/operation'

/** How many bytes from the start tell what a source is. */
export const headBytes = 256 * 1024

/** The start of a source. */
export interface SourceHead {
  readonly bytes: Buffer
  /** Whether it is the whole source. */
  readonly isWhole: boolean
  /** The same as text, without a byte order mark; null where it is not UTF-8 or has a NUL. */
  readonly text: string | null
}

/** Reads the start of a source. */
export async function readHead(input: OperationInput): Promise<SourceHead> {
  const chunks: Buffer[] = []
  let size = 0
  for await (const chunk of input.stream()) {
    chunks.push(chunk as Buffer)
    size += (chunk as Buffer).length
    if (size >= headBytes) break
  }
  return headOf(Buffer.concat(chunks).subarray(0, headBytes), input.size <= headBytes)
}

/** The head that consists of these bytes. */
export function headOf(bytes: Buffer, isWhole: boolean): SourceHead {
  return { bytes, isWhole, text: decodeStart(bytes, isWhole) }
}

function decodeStart(bytes: Buffer, isWhole: boolean): string | null {
  try {
    // As a stream unless it is everything: the cut may go through a character.
    const text = new TextDecoder('utf-8', { fatal: true }).decode(bytes, { stream: !isWhole })
    return text.includes('\0') ? null : text
  } catch {
    return null
  }
}
