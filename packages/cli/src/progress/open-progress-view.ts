import { writeJson } from '../output/json-output.js'
import type { GlobalOptions } from '../settings/settings.js'
import { PlainProgress } from './plain-progress.js'
import type { ProgressView } from './progress-view.js'
import { TerminalProgress } from './terminal-progress.js'

/** What progress is about: a source as it was typed, or an entry. */
export type Subject = { readonly source: string } | { readonly key: string }

const SILENT: ProgressView = {
  onProgress: () => undefined,
  clear: () => undefined,
}

/**
 * A view of one call: drawn where stderr is a terminal, a line now and then where it is none, lines of JSON with
 * `--json-stream`, nothing where silence is asked for.
 */
export async function openProgressView(subject: Subject, flags: GlobalOptions): Promise<ProgressView> {
  if (flags.jsonStream) return jsonView(subject, flags)
  if (flags.quiet || flags.json) return SILENT
  const { isTTY, columns } = process.stderr
  // A terminal that does not know its width cannot be drawn on: what was drawn could not be taken away again.
  if (isTTY && !(columns > 0)) return SILENT
  if (isTTY && process.env.TERM !== 'dumb') {
    return new TerminalProgress(labelOf(subject), await import('./drawing.js'))
  }
  return new PlainProgress(labelOf(subject), line => process.stderr.write(line))
}

function jsonView(subject: Subject, flags: GlobalOptions): ProgressView {
  return {
    // Who stopped reading is told by the result that cannot be written.
    onProgress: event => void writeJson(flags, 'progress', { ...subject, ...event }).catch(() => undefined),
    clear: () => undefined,
  }
}

function labelOf(subject: Subject): string {
  if ('key' in subject) return `${subject.key.slice(0, 12)}...`
  return subject.source === '-' ? 'stdin' : subject.source
}
