import type { ProgressView } from './progress-view.js'

const SILENT: ProgressView = {
  onProgress: () => undefined,
  clear: () => undefined,
}

/** A view on the terminal of stderr; one that shows nothing where stderr is none, or silence is asked for. */
export async function openProgressView(label: string, isQuiet: boolean): Promise<ProgressView> {
  const { isTTY, columns } = process.stderr
  // A terminal that does not know its width cannot be drawn on: what was drawn could not be taken away again.
  const isDrawable = isTTY && columns > 0 && process.env.TERM !== 'dumb'
  if (isQuiet || !isDrawable) return SILENT
  const { TerminalProgress } = await import('./terminal-progress.js')
  return new TerminalProgress(label)
}
