import { cancelEntry } from '../commands/cancel-entry.js'
import { describeFailure } from '../failure/describe-failure.js'
import { boundNotes } from '../notes/note-store.js'
import { NotedRun } from '../notes/noted-run.js'
import type { RunReporter } from '../output/run-reporter.js'
import { ReaderGone } from '../output/standard-output.js'
import { commandLine } from '../process/command-line.js'
import { Interrupted } from '../process/interruption.js'
import type { OpenView } from '../progress/progress-view.js'
import type { UploadPlan } from './plan-upload.js'
import { runSource } from './run-source.js'
import type { FailureContextDraft } from './run-steps.js'

/** Sources whose notes are written before their turn comes. */
const NOTED_AHEAD = 1_000

/** How the runs of a command go on: until nothing is left, or no further one begins. */
type Course = 'going-on' | 'failed-fast' | 'interrupted' | 'reader-gone'

/**
 * Runs all sources, some at a time. Answers the exit status: that of the first, in the order of the sources, that failed,
 * or that of an interruption.
 */
export async function runAll(
  sources: readonly string[],
  plan: UploadPlan,
  reporter: RunReporter,
  openView: OpenView,
): Promise<number> {
  const begin = (source: string) => NotedRun.begin(source, plan.flags, plan.settings)
  const notes = await Promise.all(sources.slice(0, NOTED_AHEAD).map(begin))
  const statuses: number[] = []
  const queue = sources.entries()
  let course: Course = 'going-on'
  let interruptedStatus: number | undefined

  const runOne = async (index: number, source: string) => {
    const note = notes[index] ?? (await begin(source))
    const { flags, session } = plan
    const context: FailureContextDraft = {
      source,
      operation: flags.op,
      isEmbedded: session.isEmbedded,
      server: flags.server,
      // The command itself would begin with what is done.
      ...(sources.length > 1 && { resumeCommand: commandLine(['resume']) }),
    }
    try {
      await reporter.done(await runSource(source, plan, context, { view: await openView(source), note }))
    } catch (error) {
      if (error instanceof ReaderGone) {
        course = 'reader-gone'
        return
      }
      if (error instanceof Interrupted && flags.cancel) await cancelEntry(session.cache, context)
      const failure = describeFailure(error, context)
      note.failed(failure, context.isCancelled ?? false)
      const isRepeated = error instanceof Interrupted && interruptedStatus !== undefined
      if (error instanceof Interrupted) {
        course = 'interrupted'
        interruptedStatus = failure.exitStatus
      }
      statuses[index] = failure.exitStatus
      // One interruption is one message, however many runs it ends.
      if (!isRepeated || flags.json) await reporter.failed(source, error, failure)
      if (flags.failFast && course === 'going-on') course = 'failed-fast'
    }
  }
  const worker = async () => {
    for (const [index, source] of queue) {
      await runOne(index, source)
      if (course !== 'going-on') return
    }
  }
  await Promise.all(Array.from({ length: Math.min(plan.flags.jobs ?? 1, sources.length) }, worker))
  // Whose turn did not come goes on with the others.
  for (const [index] of queue) notes[index]?.left()
  boundNotes()
  return interruptedStatus ?? statuses.find(status => status !== undefined) ?? 0
}
