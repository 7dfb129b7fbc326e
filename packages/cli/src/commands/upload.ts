import { type RunReporter, runReporter } from '../output/run-reporter.js'
import { interruptionSignal } from '../process/interruption.js'
import { openProgressBoard } from '../progress/open-progress-board.js'
import { loadSettings, type Settings } from '../settings/settings.js'
import { expandSources } from '../sources/expand-sources.js'
import { checkFlags } from '../upload/check-flags.js'
import { detachAll } from '../upload/detach.js'
import { explainAll } from '../upload/explain.js'
import { planUpload, type UploadPlan } from '../upload/plan-upload.js'
import { runAll } from '../upload/run-all.js'
import type { UploadFlags } from '../upload/upload-flags.js'
import { watch } from '../upload/watch.js'
import { assertOperation } from './entry-flags.js'

/**
 * `opcache upload`: runs an operation on each source. Answers the exit status: that of the first failure.
 *
 * @param settings Where it happens. @default what flags, environment and files say
 * @param shared Tells how it ends, for several calls. @default one that also tells the summary
 */
export async function upload(
  words: readonly string[],
  flags: UploadFlags,
  settings?: Settings,
  shared?: RunReporter,
): Promise<number> {
  const signal = interruptionSignal()
  const board = openProgressBoard(flags)
  const reporter = shared ?? runReporter(flags, board.write)
  let sources: readonly string[] = words
  let plan: UploadPlan
  try {
    assertOperation(flags)
    checkFlags(flags, words)
    sources = await expandSources(words, flags.recursive ?? false)
    plan = await planUpload(sources, flags, settings ?? loadSettings(flags), signal)
  } catch (error) {
    return reporter.failedAll(sources, error)
  }
  await using _session = plan.session
  if (flags.explain) return await explainAll(sources, plan, reporter)
  if (flags.detach) return await detachAll(sources, plan, reporter)
  const status = await runAll(sources, plan, reporter, board)
  if (sources.length > 1) await reporter.summary()
  if (!flags.watch || signal.aborted) return status
  return await watch(words, plan, reporter, board)
}
