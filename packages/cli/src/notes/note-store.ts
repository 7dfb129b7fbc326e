import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { userFolders } from '../settings/folders.js'
import type { RunNote } from './run-note.js'

/** Notes that are kept; when there are more, the oldest go, some at a time. */
const MOST_NOTES = 1_000
const KEPT_NOTES = 900

/**
 * One file a run, so that any number of processes can write at once; the same run again takes the place of the earlier one.
 * Written at once, without a pause in which the process may end. That it cannot be written is no failure: nothing that
 * was asked for needs it.
 */
export function writeNote(note: RunNote): void {
  const folder = userFolders().notes
  const path = join(folder, `${note.id}.json`)
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 })
    writeFileSync(`${path}.${process.pid}`, JSON.stringify(note), { mode: 0o600 })
    renameSync(`${path}.${process.pid}`, path)
  } catch {
    tidyAway(`${path}.${process.pid}`)
  }
}

/** All of them, the newest first. */
export function readNotes(): RunNote[] {
  const folder = userFolders().notes
  return noteNames(folder)
    .map(name => readNote(join(folder, name)))
    .filter(note => note !== undefined)
    .sort((one, other) => other.updatedAt.localeCompare(one.updatedAt))
}

export function removeNote(note: RunNote): void {
  rmSync(join(userFolders().notes, `${note.id}.json`), { force: true })
}

/** Keeps the number of notes bounded. */
export function boundNotes(): void {
  const folder = userFolders().notes
  const names = noteNames(folder)
  if (names.length <= MOST_NOTES) return
  const aged = names.map(name => ({ path: join(folder, name), writtenAtMs: writtenAtMs(join(folder, name)) }))
  aged.sort((one, other) => other.writtenAtMs - one.writtenAtMs)
  for (const { path } of aged.slice(KEPT_NOTES)) tidyAway(path)
}

/** Removes a file of this program's own. */
function tidyAway(path: string): void {
  try {
    rmSync(path, { force: true })
  } catch {
    // Where nothing can be written, nothing can be tidied up, which is no failure either.
  }
}

function noteNames(folder: string): string[] {
  try {
    return readdirSync(folder).filter(name => name.endsWith('.json'))
  } catch {
    return []
  }
}

function readNote(path: string): RunNote | undefined {
  try {
    return JSON.parse(readFileSync(path, 'utf8')) as RunNote
  } catch {
    return undefined
  }
}

function writtenAtMs(path: string): number {
  return statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0
}
