import { cancelEntry } from '../commands/cancel-entry.js'
import { describeFailure } from '../failure/describe-failure.js'
import type { FailureContext } from '../failure/failure.js'
import { boundNotes } from '../notes/note-store.js'
import { NotedRun } from '../notes/noted-run.js'
import { isTemplate } from '../output/output-template.js'
import type { RunReporter } from '../output/run-reporter.js'
import { ReaderGone } from '../output/standard-output.js'
import { commandLine } from '../process/command-line.js'
import { Interrupted } from '../process/interruption.js'
import type { ProgressBoard } from '../progress/progress-view.js'
import { serverFlags } from '../settings/server-flags.js'
import { notBegun } from './not-begun.js'
import type { UploadPlan } from './plan-upload.js'
import { runSource } from './run-source.js'
import type { FailureContextDraft } from './run-steps.js'
import type { UploadFlags } from './upload-flags.js'

/** Sources whose notes are written before their turn comes. */
const NOTED_AHEAD = 1_000

/** How the runs of a command go on: until nothing is left, or no further one begins. */
type Course = 'going-on' | 'failed-fast' | 'reader-gone' | Interrupted

/**
 * Runs all sources, some at a time. Answers the exit status: that of the first, in the order of the sources, that failed,
 * or that of an interruption.
 */
export async function runAll(
  sources: readonly string[],
  plan: UploadPlan,
  reporter: RunReporter,
  board: ProgressBoard,
): Promise<number> {
  const { flags, session, settings } = plan
  const begin = (source: string) => NotedRun.begin(source, flags, settings)
  const notes = await Promise.all(sources.slice(0, NOTED_AHEAD).map(begin))
  const statuses: number[] = []
  const queue = sources.entries()
  const ways = waysBack(sources, flags)
  let course: Course = 'going-on'

  const runOne = async (index: number, source: string) => {
    const note = notes[index] ?? (await begin(source))
    const { isEmbedded } = session
    const context: FailureContextDraft = { source, operation: flags.op, isEmbedded, ...ways }
    try {
      await reporter.done(await runSource(source, plan, context, { view: await board.open(source), note }))
    } catch (error) {
      if (error instanceof ReaderGone) {
        note.dropped()
        course = 'reader-gone'
        return
      }
      if (error instanceof Interrupted && flags.cancel) await cancelEntry(session.cache, context)
      const failure = describeFailure(error, context)
      note.failed(failure, context.isCancelled ?? false)
      statuses[index] = failure.exitStatus
      await reporter.failed(source, error, failure)
      if (error instanceof Interrupted) course = error
      else if (flags.failFast && course === 'going-on') course = 'failed-fast'
    }
  }
  const worker = async () => {
    for (const [index, source] of queue) {
      await runOne(index, source)
      if (course !== 'going-on') return
    }
  }
  board.expect(sources.length, flags.jobs ?? 1)
  await Promise.all(Array.from({ length: Math.min(flags.jobs ?? 1, sources.length) }, worker))
  board.close()
  const end = course as Course
  const status =
    end instanceof Interrupted ? end.exitStatus : (statuses.find(status => status !== undefined) ?? 0)
  for (const [index, source] of queue) {
    if (end === 'reader-gone') {
      notes[index]?.dropped()
      continue
    }
    // Whose turn did not come goes on with the others.
    notes[index]?.left()
    if (end instanceof Interrupted)
      await reporter.failed(source, end, describeFailure(end, { source, ...ways }))
    else
      await reporter.left(source, notBegun(status, `Run \`${commandLine(['resume'])}\`: it goes on there.`))
  }
  boundNotes()
  return status
}

/** How to come back to a run of this command. */
function waysBack(sources: readonly string[], flags: UploadFlags): Partial<FailureContext> {
  const { output, force, unique, refresh } = flags
  const isNamed = output !== undefined && !isTemplate(output)
  return {
    serverFlags: serverFlags(flags),
    outputFlags: [...(isNamed ? ['-o', output] : []), ...(force ? ['--force'] : [])],
    isUnrepeatable: sources.includes('-') || unique || refresh,
    // The command itself would begin with what is done.
    resumeCommand: sources.length > 1 ? commandLine(['resume']) : undefined,
  }
}
