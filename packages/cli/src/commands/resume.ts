import type { Stats } from 'node:fs'
import { stat } from 'node:fs/promises'
import { resolve } from 'node:path'
import { CommandError, usageError } from '../failure/command-error.js'
import { describeFailure } from '../failure/describe-failure.js'
import { readNotes, removeNote } from '../notes/note-store.js'
import { placeOf } from '../notes/noted-run.js'
import { isInterrupted, type RunNote } from '../notes/run-note.js'
import { remark } from '../output/remark.js'
import { type RunReporter, runReporter } from '../output/run-reporter.js'
import { commandLine } from '../process/command-line.js'
import { type Interrupted, interruptionSignal } from '../process/interruption.js'
import { type GlobalOptions, loadSettings, type Settings } from '../settings/settings.js'
import { upload } from './upload.js'

export interface ResumeFlags extends GlobalOptions {
  readonly forget?: boolean
}

/** `opcache resume`: runs again what was interrupted, the oldest first. Answers the status of the first that failed. */
export async function resume(runs: readonly string[], flags: ResumeFlags): Promise<number> {
  const interrupted = chosen(runs, readNotes().filter(isInterrupted).reverse())
  if (flags.forget) {
    for (const note of interrupted) removeNote(note)
    await remark(
      `${interrupted.length} interrupted ${interrupted.length === 1 ? 'run is' : 'runs are'} forgotten.`,
      flags,
    )
    return 0
  }
  if (interrupted.length === 0) await remark('Nothing was interrupted.', flags)
  let status = 0
  const signal = interruptionSignal()
  const reporter = runReporter(flags, text => process.stderr.write(text))
  for (const note of interrupted) {
    // Each is tried, whatever became of the one before; after an interruption none is.
    const ended = signal.aborted
      ? await failed(note, signal.reason, reporter)
      : await resumeOne(note, flags, reporter)
    status ||= ended
  }
  if (interrupted.length > 1) await reporter.summary()
  return signal.aborted ? (signal.reason as Interrupted).exitStatus : status
}

/** The runs that are named by file or key; without a name, all of them. @throws CommandError */
function chosen(names: readonly string[], interrupted: readonly RunNote[]): readonly RunNote[] {
  const isMeant = ({ source, cwd, key }: RunNote, name: string) =>
    name === source || name === key || resolve(name) === resolve(cwd, source)
  const unknown = names.find(name => !interrupted.some(note => isMeant(note, name)))
  if (unknown !== undefined) {
    throw usageError(
      `Nothing of ${unknown} was interrupted.`,
      'See `opcache ls --state interrupted` for what was.',
    )
  }
  return names.length === 0
    ? interrupted
    : interrupted.filter(note => names.some(name => isMeant(note, name)))
}

async function resumeOne(note: RunNote, flags: GlobalOptions, reporter: RunReporter): Promise<number> {
  try {
    process.chdir(note.cwd)
    const again = { ...flags, ...note.again?.flags, op: note.again?.flags.op ?? note.operation }
    const settings = settingsAt(note, again)
    await assertReadable(note)
    if (await isChanged(note)) await remark(`${note.source} changed since: what it is now is run.`, flags)
    return await upload([note.source], again, settings, reporter)
  } catch (error) {
    const isGone = (error as NodeJS.ErrnoException).syscall === 'chdir'
    return failed(note, isGone ? gone(`The folder ${note.cwd}, where it ran,`, error) : error, reporter)
  }
}

/** Tells of a run that did not come to begin. Answers the exit status. */
async function failed(
  { source, operation }: RunNote,
  error: unknown,
  reporter: RunReporter,
): Promise<number> {
  const resumeCommand = commandLine(['resume'])
  const failure = describeFailure(error, { source, operation, resumeCommand })
  await reporter.failed(source, error, failure)
  return failure.exitStatus
}

async function assertReadable({ source, again }: RunNote): Promise<void> {
  if (source === '-') {
    throw new CommandError(
      'source-gone',
      'Standard input cannot be read once more.',
      'Run the command again with its pipe, or forget it with `opcache resume --forget`.',
    )
  }
  const isNeeded = again?.flags.resource === undefined
  if (isNeeded && !(await statsOf(source))) throw gone(`The source ${source}`)
}

function gone(what: string, cause?: unknown): CommandError {
  return new CommandError(
    'source-gone',
    `${what} is gone.`,
    'Bring it back, or forget what was interrupted with `opcache resume --forget`.',
    cause,
  )
}

/** Undefined: it is gone. What cannot be looked at for another reason is told by the run itself. */
async function statsOf(source: string): Promise<Stats | 'unknown' | undefined> {
  try {
    return await stat(source)
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ENOENT' ? undefined : 'unknown'
  }
}

async function isChanged({ source, again }: RunNote): Promise<boolean> {
  const stats = await statsOf(source)
  if (!stats || stats === 'unknown' || again?.sizeBytes === undefined) return false
  return stats.size !== again.sizeBytes || stats.mtimeMs !== again.modifiedAtMs
}

/** The server of then, whatever is set now. @throws CommandError */
function settingsAt({ place }: RunNote, flags: GlobalOptions): Settings {
  const settings = loadSettings(flags)
  if (JSON.stringify(placeOf(settings)) === JSON.stringify(place)) return settings
  if ('cacheDir' in place) return { ...settings, ...place, server: undefined, token: undefined }
  if (!place.isOfProject) return loadSettings({ ...flags, server: place.server })
  // A token of the user's must not go to a server that only a project's file named.
  throw new CommandError(
    'source-gone',
    `The project's file names the server ${place.server} no more.`,
    'Name the server with --server and run the command again, or forget it with `opcache resume --forget`.',
  )
}
