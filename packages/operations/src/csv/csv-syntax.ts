import { OperationError } from '@opcache/server/operation'

/** The longest row that is read, in bytes: a quote that is never closed must not swallow the memory. */
const maxRecordBytes = 16 * 2 ** 20

/** How CSV is read, beside its delimiter (RFC 4180, with any line ends; empty lines are passed over). */
export const csvSyntax = {
  bom: true,
  max_record_size: maxRecordBytes,
  record_delimiter: ['\r\n', '\n', '\r'],
  relax_column_count: true,
  skip_empty_lines: true,
}

/**
 * The delimiter that a parameter names.
 *
 * @throws OperationError for anything but a comma, a semicolon, a vertical bar, a tab or the word tab.
 */
export function delimiterFromWord(word: string): string {
  const delimiter = word === 'tab' || word === '\\t' ? '\t' : word
  if ([',', ';', '|', '\t'].includes(delimiter)) return delimiter
  throw new OperationError(
    `the delimiter ${JSON.stringify(word)} is not known: it is a comma, a semicolon, a vertical bar or the word tab`,
  )
}
