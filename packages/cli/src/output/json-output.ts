import type { GlobalOptions } from '../settings/settings.js'
import { writeStandardOutput } from './standard-output.js'

/** What a line of `--json-stream` tells. */
export type JsonEvent = 'progress' | 'result' | 'error' | 'summary'

/** One JSON object on a line of its own; with `--json-stream` it says first what it is. */
export function writeJson(
  { jsonStream }: Pick<GlobalOptions, 'jsonStream'>,
  event: JsonEvent,
  value: object,
): Promise<void> {
  return writeStandardOutput(`${JSON.stringify(jsonStream ? { event, ...value } : value)}\n`)
}
