import { pipeline } from 'node:stream/promises'
import { OperationError } from '@opcache/server/operation'
import { type CsvRow, CsvRows } from './csv-rows.js'
import { guessDelimiter } from './csv-shape.js'
import { delimiterFromWord } from './csv-syntax.js'
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
  let names: readonly string[] | null = null
  let count = 0
  let text = '['
  for await (const { cells, line, endsAt } of rows) {
    if (names === null) {
      names = header(cells)
      continue
    }
    if (cells.length !== names.length) throw raggedRow(cells.length, names.length, line)
    text += `${count === 0 ? '\n' : ',\n'}${objectText(names, cells)}`
    if (++count % reportEvery === 0) {
      context.progress({ fraction: Math.min(1, endsAt / context.input.size), message: `${count} rows` })
    }
    if (text.length > writtenChars) {
      yield text
      text = ''
    }
  }
  if (names === null) throw new OperationError('the CSV table is empty: not even a header row is there')
  yield `${text}\n]\n`
}

/** Written by hand, because a member of an object that looks like a number would move to its front. */
function objectText(names: readonly string[], cells: readonly string[]): string {
  return `{${names.map((name, at) => `${JSON.stringify(name)}:${JSON.stringify(cells[at])}`).join(',')}}`
}

function header(names: readonly string[]): readonly string[] {
  const twice = names.find((name, at) => names.indexOf(name) !== at)
  if (twice === undefined) return names
  throw new OperationError(
    `the header of the CSV table has the name ${JSON.stringify(twice)} twice: rename one, an object can hold only one member of a name`,
  )
}

function raggedRow(cells: number, columns: number, line: number): OperationError {
  const found = cells === 1 ? '1 cell' : `${cells} cells`
  return new OperationError(
    `line ${line} of the CSV table has ${found}, but its header has ${columns}: mend the row, or name the delimiter if it is another`,
  )
}
