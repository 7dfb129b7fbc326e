import { OperationError } from '@opcache/server/operation'
import { CsvError, type InfoRecord, type Options, type Parser, parse } from 'csv-parse'
import { csvSyntax } from './csv-syntax.js'

/** A row of a CSV table. */
export interface CsvRow {
  readonly cells: readonly string[]
  /** The line it ends in, from 1. */
  readonly line: number
  /** How far into the table it ends, in bytes. */
  readonly endsAt: number
}

/** Reads rows, and tells what is wrong with a table in terms of its lines. */
export class CsvRows {
  /** Takes text, gives {@link CsvRow}s. */
  readonly parser: Parser
  #lastLine = 0
  /** Line ends that csv-parse counted twice: CR LF inside quotes. */
  #doubled = 0

  constructor(delimiter: string) {
    const options: Options<CsvRow, string[]> = {
      ...csvSyntax,
      delimiter,
      on_record: (cells, info) => this.#row(cells, info),
    }
    // Its types know other records than arrays only together with `columns`.
    this.parser = parse(options as unknown as Options)
  }

  #row(cells: string[], info: InfoRecord): CsvRow {
    for (const cell of cells) this.#doubled += cell.split('\r\n').length - 1
    this.#lastLine = info.lines - this.#doubled
    return { cells, line: this.#lastLine, endsAt: info.bytes }
  }

  /** A mistake that stopped the parser, in words; any other error as it is. */
  explain(error: unknown): unknown {
    if (!(error instanceof CsvError)) return error
    return new OperationError(this.#inWords(error), { cause: error })
  }

  #inWords(error: CsvError): string {
    const line = `line ${Number(error.lines ?? this.#lastLine + 1) - this.#doubled} of the CSV table`
    // A quote that is never closed runs to the end: only where the row starts can help to find it.
    const row = `the row from line ${this.#lastLine + 1} of the CSV table`
    switch (error.code) {
      case 'CSV_QUOTE_NOT_CLOSED':
        return `${row} opens a quote that is never closed`
      case 'CSV_MAX_RECORD_SIZE':
        return `${row} is too long: it may open a quote that is never closed`
      case 'CSV_INVALID_CLOSING_QUOTE':
        return `${line} goes on after a closing quote: a quote inside a quoted cell is written twice`
      case 'INVALID_OPENING_QUOTE':
        return `${line} has a quote in the middle of a cell: quote the whole cell and write the quote inside it twice`
      default:
        return `${line} could not be read (${error.message.split('\n', 1)[0]})`
    }
  }
}
