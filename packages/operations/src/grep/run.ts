import { pipeline } from 'node:stream/promises'
import type { RunOperation } from '@opcache/server/operation'
import { lineTest } from './line-test.js'
import { linesOf } from './lines.js'
import type { GrepParams } from './params.js'

/**
 * Runs `grep`. Lines are kept byte by byte as they are, also what is no UTF-8 in them.
 *
 * @throws OperationError for a pattern that is no regular expression, and a line that is too long
 */
const run: RunOperation<GrepParams> = async ({ input, output, params, signal }) => {
  const isKept = lineTest(params)
  async function* kept(chunks: AsyncIterable<Buffer>) {
    for await (const lines of linesOf(chunks)) {
      const found = lines.filter(line => isKept(withoutEnd(line)))
      if (found.length > 0) yield Buffer.concat(found)
    }
  }
  await pipeline(input.stream(), kept, output, { end: false, signal })
  // That no line was found is a result.
  output.end()
  return { type: 'text/plain', name: 'result.txt' }
}

export default run

/** A line as text, without LF or CR LF. */
function withoutEnd(line: Buffer): string {
  let end = line.length
  if (line[end - 1] === 0x0a) end -= 1
  if (end < line.length && line[end - 1] === 0x0d) end -= 1
  return line.toString('utf8', 0, end)
}
