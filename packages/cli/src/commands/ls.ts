import type { EntryDocument, EntryState } from '@opcache/protocol'
import { connect } from '../connection/connect.js'
import { usageError } from '../failure/command-error.js'
import { printable } from '../failure/printable.js'
import { readNotes } from '../notes/note-store.js'
import { placeOf } from '../notes/noted-run.js'
import { isInterrupted, type RunNote } from '../notes/run-note.js'
import { ageText } from '../output/age-text.js'
import { fitted } from '../output/fitted.js'
import { writeJson } from '../output/json-output.js'
import { writeStandardOutput } from '../output/standard-output.js'
import { interruptionSignal } from '../process/interruption.js'
import { type GlobalOptions, loadSettings } from '../settings/settings.js'

export interface LsFlags extends GlobalOptions {
  readonly state?: string
  readonly limit?: number
}

const STATES: readonly EntryState[] = ['UPLOADING', 'PROCESSING', 'COMPLETE', 'FAILED']

/** Entries that are shown where nobody says how many. */
const LIMIT = 20

/** What is known of a run, by the server, the notes or both. */
interface Listed {
  readonly key: string | null
  readonly state: EntryState | 'INTERRUPTED'
  readonly operation: string
  readonly source: string | null
  readonly output: string | null
  readonly updatedAt: string
  readonly result: EntryDocument['result'] | null
}

/** `opcache ls`: the user's recent entries, with the files that the notes know; and what was interrupted before it had one. */
export async function ls(flags: LsFlags): Promise<void> {
  const state = parseState(flags.state)
  const { limit = LIMIT } = flags
  const settings = loadSettings(flags)
  const place = JSON.stringify(placeOf(settings))
  const notes = readNotes().filter(note => JSON.stringify(note.place) === place)
  await using session = await connect(settings)
  const signal = interruptionSignal()
  if (!session.isEmbedded) await session.firstContact(signal)
  const listed: Listed[] = []
  if (state !== 'INTERRUPTED') {
    for await (const entry of session.cache.list({ state, signal })) {
      listed.push(ofEntry(entry, notes))
      if (listed.length === limit) break
    }
  }
  const known = new Set(listed.map(({ key }) => key))
  const isLeft = (note: RunNote) => isInterrupted(note) && !(note.key !== undefined && known.has(note.key))
  const left = state === undefined || state === 'INTERRUPTED' ? notes.filter(isLeft).map(ofNote) : []
  const shown = [...left, ...listed].slice(0, limit)
  if (flags.json) for (const each of shown) await writeJson(flags, 'result', each)
  else for (const each of shown) await writeStandardOutput(await listedText(each))
}

function parseState(text: string | undefined): EntryState | 'INTERRUPTED' | undefined {
  if (text === undefined) return undefined
  const state = [...STATES, 'INTERRUPTED' as const].find(known => known === text.toUpperCase())
  if (state) return state
  throw usageError(`There is no state "${text}".`, `There are: ${STATES.join(', ')} and INTERRUPTED.`)
}

function ofEntry(entry: EntryDocument, notes: readonly RunNote[]): Listed {
  const note = notes.find(({ key }) => key === entry.key)
  return {
    key: entry.key,
    state: entry.state,
    operation: entry.descriptor.operation.name,
    source: note?.source ?? null,
    output: note?.output ?? null,
    updatedAt: entry.updatedAt,
    result: entry.result ?? null,
  }
}

function ofNote({ key, operation, source, updatedAt }: RunNote): Listed {
  return { key: key ?? null, state: 'INTERRUPTED', operation, source, output: null, updatedAt, result: null }
}

/** On a terminal, the key is a line of its own; elsewhere all is one line, for other programs to cut. */
async function listedText(listed: Listed): Promise<string> {
  const { key, state, operation, source, output, updatedAt, result } = listed
  const file = source === null ? (result?.name ?? '') : source === '-' ? 'stdin' : source
  const files = output === null ? file : `${file} -> ${output === '-' ? 'stdout' : output}`
  if (!process.stdout.isTTY) {
    return `${[key ?? '-', state, operation, updatedAt, files].map(text => printable(text)).join('\t')}\n`
  }
  const told = printable(`${state.padEnd(11)}  ${operation}  ${files}  ${ageText(updatedAt)}`)
  return fitted(process.stdout, `${told}\n  ${key ?? 'no entry yet: `opcache resume` goes on'}\n`, 4)
}
