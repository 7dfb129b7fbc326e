import { OperationError, type OperationInput } from '@opcache/server/operation'
import { inMebibytes } from './wording.js'

/**
 * The whole source in memory.
 *
 * @throws OperationError when it is larger than `maxBytes`; `what` says in the message what is too large.
 */
export async function readBytes(input: OperationInput, maxBytes: number, what: string): Promise<Buffer> {
  if (input.size > maxBytes) {
    throw new OperationError(
      `${what} of ${inMebibytes(input.size)} is too large to convert: at most ${inMebibytes(maxBytes)} are read`,
    )
  }
  const chunks: Buffer[] = []
  for await (const chunk of input.stream()) chunks.push(chunk as Buffer)
  return Buffer.concat(chunks)
}

/**
 * The whole source as text, without a byte order mark.
 *
 * @throws OperationError when it is too large, or not text in UTF-8.
 */
export async function readText(input: OperationInput, maxBytes: number, what: string): Promise<string> {
  const bytes = await readBytes(input, maxBytes, what)
  let text = ''
  for await (const piece of decodeUtf8([bytes])) text += piece
  return text
}

/**
 * Decodes text as it comes, without a byte order mark.
 *
 * @throws OperationError where the bytes are not UTF-8, or hold a NUL.
 */
export async function* decodeUtf8(
  chunks: Iterable<Uint8Array> | AsyncIterable<Uint8Array>,
): AsyncGenerator<string> {
  const decoder = new TextDecoder('utf-8', { fatal: true })
  let line = 1
  const decode = (chunk?: Uint8Array) => {
    try {
      const text = decoder.decode(chunk, { stream: chunk !== undefined })
      if (!text.includes('\0')) return text
    } catch {
      // Told below: both are bytes that no text has.
    }
    throw new OperationError(
      `the source is not text in UTF-8 throughout (near line ${line}): save it as UTF-8`,
    )
  }
  for await (const chunk of chunks) {
    const text = decode(chunk)
    yield text
    line += text.split('\n').length - 1
  }
  yield decode()
}
