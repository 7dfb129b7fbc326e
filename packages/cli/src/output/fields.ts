import { printable } from '../failure/printable.js'
import { fitted } from './fitted.js'

/** What is told of one thing, a line each; what has no value is left out. */
export type Fields = readonly (readonly [name: string, value: string | undefined])[]

/** Names in a column and values behind them, as they fit on stdout. */
export function fieldsText(fields: Fields): Promise<string> {
  const lines = fields.map(([name, value]) =>
    value === undefined ? '' : `${name.padEnd(9)}  ${printable(value)}\n`,
  )
  return fitted(process.stdout, lines.join(''), 11)
}
