import type { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import type { RunOperation } from '@opcache/server/operation'
import { damaged } from '../convert/damaged.js'
import { decodeUtf8 } from '../convert/read-source.js'
import { CsvObjects, emptyTable } from '../csv/csv-objects.js'
import { type CsvRow, CsvRows } from '../csv/csv-rows.js'
import { delimiterFromWord } from '../csv/csv-syntax.js'
import type { CsvToJsonlParams } from './params.js'

/** How many characters are gathered before they are written. */
const writtenChars = 64 * 1024

/**
 * Runs `csv-to-jsonl`: what has come is written before more is waited for.
 *
 * @throws OperationError, with the line, for rows with another number of cells than the header, names that are there
 * twice, wrong quotes, and what is not UTF-8.
 */
const run: RunOperation<CsvToJsonlParams> = async ({ input, output, params, signal }) => {
  const rows = new CsvRows(delimiterFromWord(params.delimiter))
  try {
    await pipeline(input.stream(), decodeUtf8, rows.parser, jsonLines, output, { end: false, signal })
  } catch (error) {
    throw damaged(rows.explain(error), 'the CSV table', signal)
  }
  // A header alone is a table without rows.
  output.end()
  return { type: 'application/jsonl; charset=utf-8', name: 'result.jsonl' }
}

export default run

async function* jsonLines(rows: AsyncIterable<CsvRow>): AsyncGenerator<string> {
  const objects = new CsvObjects()
  let text = ''
  for await (const row of rows) {
    const object = objects.textOf(row)
    if (object !== undefined) text += `${object}\n`
    const isLastSoFar = (rows as Readable).readableLength === 0
    if (text === '' || (text.length < writtenChars && !isLastSoFar)) continue
    yield text
    text = ''
  }
  if (!objects.hasHeader) throw emptyTable()
  if (text !== '') yield text
}
