import { printable } from '../failure/printable.js'
import type { GlobalOptions } from '../settings/settings.js'
import { fitted } from './fitted.js'

/** Tells people a sentence beside the data, on stderr as it fits there; with `--quiet` or `--json`, nothing. */
export async function remark(sentence: string, { json, quiet }: GlobalOptions = {}): Promise<void> {
  if (json || quiet) return
  process.stderr.write(await fitted(process.stderr, `${printable(sentence)}\n`, 2))
}
