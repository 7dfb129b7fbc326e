import { OperationError } from '@opcache/server/operation'
import type { CsvRow } from './csv-rows.js'

/** Makes JSON objects of rows, whose members have the names of the first row. Every value stays a string. */
export class CsvObjects {
  #names: readonly string[] | undefined

  /** Whether there was a header row at least. */
  get hasHeader(): boolean {
    return this.#names !== undefined
  }

  /**
   * The text of a row's object, on one line; undefined for the header row.
   *
   * @throws OperationError for a row with another number of cells than the header, and a name that is there twice
   */
  textOf({ cells, line }: CsvRow): string | undefined {
    if (this.#names === undefined) {
      this.#names = header(cells)
      return undefined
    }
    if (cells.length !== this.#names.length) throw raggedRow(cells.length, this.#names.length, line)
    return objectText(this.#names, cells)
  }
}

/** The failure of a source without a row. */
export function emptyTable(): OperationError {
  return new OperationError('the CSV table is empty: not even a header row is there')
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
