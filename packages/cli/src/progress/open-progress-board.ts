import type { GlobalOptions } from '../settings/settings.js'
import { ManyProgress } from './many-progress.js'
import { openProgressView } from './open-progress-view.js'
import type { ProgressBoard } from './progress-view.js'

/** The view of the one source, or a line for each of several and one that counts them, where a terminal shows it. */
export function openProgressBoard(flags: GlobalOptions): ProgressBoard {
  let expected = { sources: 1, jobs: 1 }
  let many: Promise<ManyProgress> | undefined
  let shown: ManyProgress | undefined
  const openMany = async () => {
    shown = new ManyProgress(expected, await import('./drawing.js'))
    return shown
  }
  return {
    open: async source => {
      if (expected.sources === 1 || !isDrawn(flags)) {
        return openProgressView({ source }, flags)
      }
      many ??= openMany()
      return (await many).open(source)
    },
    write: text => {
      if (shown) shown.write(text)
      else process.stderr.write(text)
    },
    expect: (sources, jobs) => {
      expected = { sources, jobs }
    },
    close: () => {
      shown?.close()
      shown = undefined
      many = undefined
    },
  }
}

function isDrawn({ json, quiet }: GlobalOptions): boolean {
  const { isTTY, columns } = process.stderr
  return !json && !quiet && isTTY === true && columns > 0 && process.env.TERM !== 'dumb'
}
