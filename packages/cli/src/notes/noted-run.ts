import { stat } from 'node:fs/promises'
import { relative, resolve } from 'node:path'
import { loadBlake3 } from '@opcache/protocol'
import { EXIT } from '../failure/exit-status.js'
import type { Failure } from '../failure/failure.js'
import type { Settings } from '../settings/settings.js'
import type { UploadFlags } from '../upload/upload-flags.js'
import { writeNote } from './note-store.js'
import { AGAIN_FLAGS, type NotePlace, type RunAgain, type RunNote } from './run-note.js'

/** Failures after which the same run goes on where it stopped. */
const RESUMABLE = new Set<number>([EXIT.unreachable, EXIT.waitTimeout])

/** The note of one run, kept while it goes on. */
export class NotedRun {
  #note: RunNote

  private constructor(note: RunNote) {
    this.#note = note
  }

  /** Notes that a run begins. */
  static async begin(source: string, flags: UploadFlags, settings: Settings): Promise<NotedRun> {
    const again = await runAgain(source, flags)
    const place = placeOf(settings)
    const cwd = process.cwd()
    const now = new Date().toISOString()
    const named = JSON.stringify([cwd, source, place, again.flags])
    const run = new NotedRun({
      id: Buffer.from((await loadBlake3()).digest(Buffer.from(named))).toString('hex', 0, 16),
      state: 'running',
      cwd,
      source,
      operation: [flags.op, ...(flags.then ?? []).map(({ name }) => name)].join(' + '),
      place,
      startedAt: now,
      updatedAt: now,
      pid: process.pid,
      again,
    })
    run.#change({})
    return run
  }

  /** The entry is known: it can be looked for at the server. */
  asked(key: string): void {
    if (key !== this.#note.key) this.#change({ key })
  }

  done(key: string, output: string): void {
    const path = output === '-' ? output : relative(this.#note.cwd, resolve(output)) || output
    this.#change({ state: 'done', key, output: path, again: undefined })
  }

  failed({ exitStatus }: Failure, isCancelled: boolean): void {
    const isResumable = !isCancelled && (exitStatus > 128 || RESUMABLE.has(exitStatus))
    // What is not run again needs no parameters any more.
    this.#change(isResumable ? { state: 'interrupted' } : { state: 'failed', again: undefined })
  }

  /** Who read the result has had enough of it. */
  dropped(): void {
    this.#change({ state: 'done', again: undefined })
  }

  /** Its turn never came. */
  left(): void {
    this.#change({ state: 'interrupted' })
  }

  #change(change: Partial<RunNote>): void {
    this.#note = { ...this.#note, ...change, updatedAt: new Date().toISOString() }
    writeNote(this.#note)
  }
}

/** Where a run happens. */
export function placeOf({ server, cacheDir, resolved }: Settings): NotePlace {
  return server === undefined
    ? { cacheDir }
    : { server, isOfProject: resolved.server?.origin.kind === 'project' }
}

async function runAgain(source: string, flags: UploadFlags): Promise<RunAgain> {
  const wanted = AGAIN_FLAGS.filter(name => flags[name] !== undefined).map(name => [name, flags[name]])
  // Never `statSync`: after that of a named pipe, Node takes the paths of modules that it loads for pipes.
  const stats = source === '-' ? undefined : await stat(source).catch(() => undefined)
  return {
    flags: Object.fromEntries(wanted),
    ...(stats?.isFile() && { sizeBytes: stats.size, modifiedAtMs: stats.mtimeMs }),
  }
}
