import { type Screen, wrapped } from '../output/fitted.js'

/** Longer lines are hard to read. */
const MOST_COLUMNS = 100

/** Meanings that are given fewer columns than that go under their terms. */
const FEWEST_COLUMNS = 24

/** A command line that can be run as it stands, and what it is for. */
export type Example = readonly [commandLine: string, purpose: string]

/** The columns that help takes on a stream: 80 where it is no terminal. */
export function helpColumns({ isTTY, columns }: Screen): number {
  return isTTY && columns ? Math.min(columns, MOST_COLUMNS) : 80
}

/** Prose as lines; a line break stays one. */
export function prose(text: string, columns: number): string {
  return text
    .split('\n')
    .map(line => wrapped(line, columns, 0))
    .join('\n')
}

/** A term with its meaning behind it, in a column of its own where there is room. */
export function item(term: string, termColumns: number, meaning: string, columns: number): string {
  if (meaning === '') return `  ${term}`
  if (columns - termColumns - 4 < FEWEST_COLUMNS) return `  ${term}\n${prose(`      ${meaning}`, columns)}`
  return wrapped(`  ${term.padEnd(termColumns)}  ${meaning}`, columns, termColumns + 2)
}

/** Terms with their meanings, a line or more each. */
export function table(rows: readonly (readonly [term: string, meaning: string])[], columns: number): string {
  const termColumns = Math.max(...rows.map(([term]) => term.length))
  return rows.map(([term, meaning]) => `${item(term, termColumns, meaning, columns)}\n`).join('')
}

/** Examples, of which the command lines stay whole: they are there to be copied. */
export function examplesText(examples: readonly Example[], columns: number): string {
  return examples
    .map(([commandLine, purpose]) => `  ${commandLine}\n${prose(`      ${purpose}`, columns)}\n`)
    .join('')
}
