import { parse } from 'csv-parse/sync'
import { csvSyntax } from './csv-syntax.js'

/** The delimiters that are found out by themselves; others have to be named. */
const candidates = [',', ';', '\t'] as const

/** How many rows from the start are judged. */
const judgedRows = 50

/** A table that text seems to be. */
export interface CsvShape {
  readonly delimiter: string
  readonly columns: number
}

/**
 * The table that text seems to be, or null.
 *
 * A table has a header of two or more names and at least one row more. Where all rows have as many cells as
 * the header, that is enough; where some do not, it is still taken for a (damaged) table if its delimiters stand
 * without spaces, as they do not in prose, and if half of the rows fit. What has the most columns wins.
 */
export function csvShape(text: string, isWhole: boolean): CsvShape | null {
  if (startsAsMarkdown(text)) return null
  let best: CsvShape | null = null
  for (const delimiter of candidates) {
    const rows = firstRows(text, delimiter, isWhole)
    if (isTable(rows, delimiter) && rows[0]!.length > (best?.columns ?? 1)) {
      best = { delimiter, columns: rows[0]!.length }
    }
  }
  return best
}

/** The delimiter of text that is said to be CSV: what its shape tells, else what its first line has most of. */
export function guessDelimiter(text: string, isWhole: boolean): string {
  const shape = csvShape(text, isWhole)
  if (shape !== null) return shape.delimiter
  const counts = candidates.map(delimiter => (firstRows(text, delimiter, isWhole)[0] ?? []).length)
  return candidates[counts.indexOf(Math.max(...counts))] ?? ','
}

function isTable(rows: readonly string[][], delimiter: string): boolean {
  const [header, ...others] = rows
  if (header === undefined || header.length < 2 || others.length === 0) return false
  const names = header.map(name => name.trim())
  // The first name may be missing: it often is where the first column numbers the rows.
  if (names.slice(1).includes('')) return false
  const fitting = others.filter(row => row.length === header.length).length
  if (fitting === others.length) return true
  const isTight = delimiter === '\t' || !header.slice(1).some(name => name.startsWith(' '))
  return isTight && (fitting * 2 >= others.length || others.every(row => row.length > 1))
}

/** Headings, lists, quotations, code and tables: what Markdown starts with, and tables do not. */
function startsAsMarkdown(text: string): boolean {
  return /^\s*(?:#{1,6}\s|[-*+]\s|>\s?|\d+[.)]\s|```|~~~|\||---\s*\n)/.test(text)
}

/** The first rows; a last one that is cut is left out. */
function firstRows(text: string, delimiter: string, isWhole: boolean): string[][] {
  const rows: string[][] = []
  const collect = (row: string[]) => {
    rows.push(row)
    return null
  }
  try {
    parse(text, { ...csvSyntax, delimiter, relax_quotes: true, to: judgedRows, on_record: collect })
  } catch {
    // A quote that is never closed: its lines are judged as they stand, and reading them for good will name it.
    const lines = text.split(/\r\n|\n|\r/, judgedRows + 1).filter(line => line !== '')
    return lines.slice(0, judgedRows).map(line => line.split(delimiter))
  }
  if (!isWhole && rows.length < judgedRows) rows.pop()
  return rows
}
