import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { OperationError } from '@opcache/server/operation'
import { stringify } from 'csv-stringify'
import { delimiterFromWord } from '../csv/csv-syntax.js'
import type { Converter } from './job.js'
import { describeJsonError } from './json-error.js'
import { outcomeOf } from './outcome.js'
import { readText } from './read-source.js'

/** The largest JSON source that is read: all of it is held in memory. */
const maxJsonBytes = 256 * 2 ** 20

type Item = Readonly<Record<string, unknown>>

/**
 * A JSON array of objects to a CSV table, whose columns are all members in the order in which they first appear.
 * Missing members and null become empty cells, true and false words, nested values their JSON text. Lines end with LF.
 *
 * @throws OperationError for what is not JSON, not an array of objects, without any member, or holds numbers that
 * cannot be kept exactly.
 */
export const convertJsonToCsv: Converter = async ({ context }) => {
  const { input, output, params, signal } = context
  const items = asItems(parseJson(await readText(input, maxJsonBytes, 'JSON')))
  const columns = columnsOf(items)
  if (columns.length === 0) {
    throw new OperationError('the JSON array has no object with a member: a CSV table needs columns')
  }
  const rows = function* () {
    yield columns
    for (const [index, item] of items.entries()) {
      yield columns.map(column => (Object.hasOwn(item, column) ? cell(item[column], index, column) : ''))
    }
  }
  const writer = stringify({
    delimiter: params.delimiter ? delimiterFromWord(params.delimiter) : ',',
    // An empty cell alone in its row would be an empty line, which readers pass over.
    quoted_empty: columns.length === 1,
  })
  await pipeline(Readable.from(rows()), writer, output, { end: false, signal })
  return outcomeOf('csv')
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch (error) {
    throw new OperationError(`the source is not valid JSON: ${describeJsonError(error, text)}`, {
      cause: error,
    })
  }
}

function asItems(value: unknown): readonly Item[] {
  if (!Array.isArray(value)) throw new OperationError(`the JSON is ${kindOf(value)}, ${whatIsWanted}`)
  const wrong = value.findIndex(item => kindOf(item) !== 'an object')
  if (wrong === -1) return value
  throw new OperationError(`item ${wrong + 1} of the JSON array is ${kindOf(value[wrong])}, ${whatIsWanted}`)
}

/** The names of all members, in the order in which they first appear. */
function columnsOf(items: readonly Item[]): readonly string[] {
  const names = new Set<string>()
  for (const item of items) {
    for (const name of Object.keys(item)) names.add(name)
  }
  return [...names]
}

const whatIsWanted = 'but only an array of objects can become a CSV table: [{"name": "value"}, ...]'

function kindOf(value: unknown): string {
  if (value === null) return 'null'
  if (Array.isArray(value)) return 'an array'
  return typeof value === 'object' ? 'an object' : `a ${typeof value}`
}

function cell(value: unknown, index: number, column: string): string {
  checkNumbers(value, index, column)
  if (value === null) return ''
  return typeof value === 'object' ? JSON.stringify(value) : String(value)
}

/** Long identifiers would come out with other digits, and nobody would notice. */
function checkNumbers(value: unknown, index: number, column: string): void {
  if (typeof value === 'number') {
    if (Number.isFinite(value) && (Number.isSafeInteger(value) || !Number.isInteger(value))) return
    throw new OperationError(
      `item ${index + 1} of the JSON array has a number in ${JSON.stringify(column)} that is too large to be kept exactly: write it as a string`,
    )
  }
  if (typeof value === 'object' && value !== null) {
    for (const inner of Object.values(value)) checkNumbers(inner, index, column)
  }
}
