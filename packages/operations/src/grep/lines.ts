import { OperationError } from '@opcache/server/operation'

/** The longest line that is read, in bytes. */
export const maxLineBytes = 16 * 2 ** 20

const newline = 0x0a

/**
 * The lines of a text with their ends, those of a chunk together: what came is judged before more is waited for.
 *
 * @throws OperationError for a line longer than {@link maxLineBytes}
 */
export async function* linesOf(chunks: AsyncIterable<Buffer>): AsyncGenerator<Buffer[]> {
  let begun: Buffer[] = []
  let begunBytes = 0
  let count = 0
  for await (const chunk of chunks) {
    const lines: Buffer[] = []
    let start = 0
    for (let end = chunk.indexOf(newline); end >= 0; end = chunk.indexOf(newline, start)) {
      const line = chunk.subarray(start, end + 1)
      lines.push(begunBytes > 0 ? Buffer.concat([...begun, line]) : line)
      begun = []
      begunBytes = 0
      start = end + 1
    }
    count += lines.length
    if (start < chunk.length) {
      begun.push(chunk.subarray(start))
      begunBytes += chunk.length - start
    }
    if (begunBytes > maxLineBytes) throw tooLong(count + 1)
    if (lines.length > 0) yield lines
  }
  if (begunBytes > 0) yield [Buffer.concat(begun)]
}

function tooLong(line: number): OperationError {
  return new OperationError(`line ${line} is longer than the ${maxLineBytes} bytes that a line may have`)
}
