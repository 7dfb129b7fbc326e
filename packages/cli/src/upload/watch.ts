import { dirname, resolve } from 'node:path'
import { remark } from '../output/remark.js'
import type { RunReporter } from '../output/run-reporter.js'
import type { ProgressBoard } from '../progress/progress-view.js'
import { expandSources, hasMagic } from '../sources/expand-sources.js'
import type { UploadPlan } from './plan-upload.js'
import { runAll } from './run-all.js'

/** A file that did not grow for so long is taken for written. */
const SETTLED_MS = 200

/** `upload --watch`: runs sources again when they change, and new ones that the words mean, until it is stopped. */
export async function watch(
  words: readonly string[],
  plan: UploadPlan,
  reporter: RunReporter,
  board: ProgressBoard,
): Promise<number> {
  const { flags, signal, claims } = plan
  await remark('Watching for changes; Ctrl-C ends it.', flags)
  const { watch: watchPaths } = await import('chokidar')
  const changed = new Set<string>()
  let wake: () => void = () => undefined
  const watcher = watchPaths(words.map(watchedRoot), {
    ignoreInitial: true,
    awaitWriteFinish: { stabilityThreshold: SETTLED_MS, pollInterval: SETTLED_MS / 4 },
  })
  const onChange = (path: string) => {
    changed.add(resolve(path))
    wake()
  }
  watcher.on('add', onChange).on('change', onChange)
  signal.addEventListener('abort', () => wake(), { once: true })
  try {
    while (!signal.aborted) {
      if (changed.size === 0) {
        await new Promise<void>(resolve => {
          wake = resolve
        })
        continue
      }
      const paths = new Set(changed)
      changed.clear()
      const isChanged = (source: string) => paths.has(resolve(source)) && !claims.has(source)
      const sources = (await expandSources(words, flags.recursive ?? false).catch(() => [])).filter(isChanged)
      if (sources.length > 0) await runAll(sources, rerunOf(plan), reporter, board)
    }
  } finally {
    await watcher.close()
  }
  return 0
}

/** What was written before is written again. */
function rerunOf(plan: UploadPlan): UploadPlan {
  return { ...plan, runOptions: { ...plan.runOptions, force: true } }
}

/** A word as far as it is no pattern. */
function watchedRoot(word: string): string {
  let root = word
  while (hasMagic(root)) root = dirname(root)
  return root
}
