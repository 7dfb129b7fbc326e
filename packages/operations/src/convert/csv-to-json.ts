import { pipeline } from 'node:stream/promises'
import { CsvObjects, emptyTable } from '../csv/csv-objects.js'
import { type CsvRow, CsvRows } from '../csv/csv-rows.js'
import { guessDelimiter } from '../csv/csv-shape.js'
import { delimiterFromWord } from '../csv/csv-syntax.js'
import { damaged } from './damaged.js'
import type { Converter, ConvertJob } from './job.js'
import { outcomeOf } from './outcome.js'
import { decodeUtf8 } from './read-source.js'

/** How many rows go between two reports of progress. */
const reportEvery = 10_000

/** How many characters are gathered before they are written. */
const writtenChars = 64 * 1024

/**
 * A CSV table to a JSON array of objects, one per line, whose members have the names of the header row. Every value
 * stays a string. Rows are read and written one by one: a table may be larger than the memory.
 *
 * @throws OperationError, with the line, for rows with another number of cells, names that are there twice, wrong
 * quotes, and what is not UTF-8.
 */
export const convertCsvToJson: Converter = async job => {
  const { input, output, signal, params } = job.context
  const { text, isWhole } = job.head
  const rows = new CsvRows(
    params.delimiter ? delimiterFromWord(params.delimiter) : guessDelimiter(text ?? '', isWhole),
  )
  const toJson = (parsed: AsyncIterable<CsvRow>) => jsonLines(job, parsed)
  try {
    await pipeline(input.stream(), decodeUtf8, rows.parser, toJson, output, { end: false, signal })
  } catch (error) {
    throw damaged(rows.explain(error), job.found.label, signal)
  }
  return outcomeOf('json')
}

async function* jsonLines({ context }: ConvertJob, rows: AsyncIterable<CsvRow>): AsyncGenerator<string> {
  const objects = new CsvObjects()
  let count = 0
  let text = '['
  for await (const row of rows) {
    const object = objects.textOf(row)
    if (object === undefined) continue
    text += `${count === 0 ? '\n' : ',\n'}${object}`
    if (++count % reportEvery === 0) {
      context.progress({ fraction: Math.min(1, row.endsAt / context.input.size), message: `${count} rows` })
    }
    if (text.length > writtenChars) {
      yield text
      text = ''
    }
  }
  if (!objects.hasHeader) throw emptyTable()
  yield `${text}\n]\n`
}
