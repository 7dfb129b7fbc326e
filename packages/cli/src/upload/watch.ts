import { dirname, relative, resolve } from 'node:path'
import { SourceError } from '@opcache/sdk'
import { remark } from '../output/remark.js'
import type { RunReporter } from '../output/run-reporter.js'
import type { ProgressBoard } from '../progress/progress-view.js'
import { expandSources, hasMagic, isFolder } from '../sources/expand-sources.js'
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
  const { folders, isIgnored } = await watchedFolders(words)
  const watcher = watchPaths(folders, {
    ignored: isIgnored,
    ignorePermissionErrors: true,
    ignoreInitial: true,
    awaitWriteFinish: { stabilityThreshold: SETTLED_MS, pollInterval: SETTLED_MS / 4 },
  })
  const onChange = (path: string) => {
    changed.add(resolve(path))
    wake()
  }
  let failure: unknown
  const onError = (error: unknown) => {
    failure ??= error
    wake()
  }
  watcher.on('add', onChange).on('change', onChange).on('error', onError)
  signal.addEventListener('abort', () => wake(), { once: true })
  try {
    while (!signal.aborted) {
      if (failure !== undefined) throw unwatchable(failure)
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

function unwatchable(error: unknown): SourceError {
  const { code, message } = error as NodeJS.ErrnoException
  const advice =
    code === 'ENOSPC' || code === 'EMFILE'
      ? 'The system watches no more files for this user: let it watch more (fs.inotify on Linux), or name fewer.'
      : 'Run the command again after each change.'
  return new SourceError('source-unreadable', `Changes cannot be watched: ${message}. ${advice}`, error)
}

/** What was written before is written again. */
function rerunOf(plan: UploadPlan): UploadPlan {
  return { ...plan, runOptions: { ...plan.runOptions, force: true } }
}

/**
 * The folders to watch, and what in them is none of the words'. A file is watched by way of its folder: an editor that
 * puts another one in its place, under the same name, leaves who watches the first with nothing to see.
 */
async function watchedFolders(
  words: readonly string[],
): Promise<{ folders: string[]; isIgnored: (path: string) => boolean }> {
  const whole: string[] = []
  const files = new Set<string>()
  for (const word of words) {
    const root = resolve(withoutPattern(word))
    if (await isFolder(root)) whole.push(root)
    else files.add(root)
  }
  const parents = new Set([...files].map(file => dirname(file)))
  const isIn = (path: string) => (folder: string) => !relative(folder, path).startsWith('..')
  return {
    folders: [...whole, ...parents],
    isIgnored: path => !files.has(path) && !parents.has(path) && !whole.some(isIn(path)),
  }
}

/** A word as far as it is no pattern. */
function withoutPattern(word: string): string {
  let path = word
  while (hasMagic(path)) path = dirname(path)
  return path
}
