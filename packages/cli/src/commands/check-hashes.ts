import { readFile } from 'node:fs/promises'
import { text } from 'node:stream/consumers'
import { hashSource, isOpcacheError } from '@opcache/sdk'
import { CommandError, usageError } from '../failure/command-error.js'
import { describeFailure } from '../failure/describe-failure.js'
import { EXIT } from '../failure/exit-status.js'
import { printable } from '../failure/printable.js'
import { tellFailure } from '../failure/tell-failure.js'
import { escapedName, unescapedName } from '../output/checksum-name.js'
import { writeJson } from '../output/json-output.js'
import { ReaderGone, writeStandardOutput } from '../output/standard-output.js'
import { interruptionSignal } from '../process/interruption.js'
import type { GlobalOptions } from '../settings/settings.js'

/** A line of `opcache hash`. */
interface Checksum {
  readonly id: string
  readonly file: string
}

/**
 * `opcache hash --check`: hashes the files that lists name, and compares. A list or a line that is none is told, and the
 * others are checked. Answers the status of the first that failed.
 */
export async function checkHashes(lists: readonly string[], flags: GlobalOptions): Promise<number> {
  let status = 0
  let differing = 0
  try {
    for await (const line of linesOf(lists)) {
      if (typeof line === 'string') {
        status ||= EXIT.usage
        await tellFault(line, flags)
        continue
      }
      const outcome = await check(line)
      status ||= outcome.status
      if (outcome.status !== 0) differing += 1
      await tellOutcome(line, outcome, flags)
    }
  } catch (error) {
    if (error instanceof ReaderGone) return status
    throw error
  }
  if (differing > 0 && !flags.json) await tellDiffering(differing, flags)
  return status
}

/** What lists hold; where something is wrong with one, what it is. */
async function* linesOf(lists: readonly string[]): AsyncGenerator<Checksum | string> {
  for (const list of lists) {
    const named = list === '-' ? 'stdin' : list
    const content = await read(list).catch((error: NodeJS.ErrnoException) => error)
    if (typeof content !== 'string') {
      yield `The list ${named} cannot be read (${content.code}).`
      continue
    }
    const lines = content.split(/\r?\n/)
    if (lines.every(line => line === '')) yield `The list ${named} is empty.`
    for (const [index, line] of lines.entries()) {
      if (line === '') continue
      yield parseChecksum(line) ?? `Line ${index + 1} of ${named} is no content id with a file name.`
    }
  }
}

function read(list: string): Promise<string> {
  return list === '-' ? text(process.stdin) : readFile(list, 'utf8')
}

function tellFault(fault: string, flags: GlobalOptions): Promise<void> {
  const error = usageError(fault, 'Name a file that `opcache hash` wrote.')
  return tellFailure(error, describeFailure(error), flags)
}

function parseChecksum(line: string): Checksum | undefined {
  const [, mark, id, name] = /^(\\?)([0-9a-f]{64}) [ *](.+)$/.exec(line) ?? []
  if (id === undefined || name === undefined) return undefined
  const file = mark === '' ? name : unescapedName(name)
  return file === undefined ? undefined : { id, file }
}

type Outcome = { readonly status: number; readonly reason?: string; readonly isEqual: boolean }

async function check({ id, file }: Checksum): Promise<Outcome> {
  try {
    const found = await hashSource(file, { signal: interruptionSignal() })
    return found.id === id ? { status: 0, isEqual: true } : { status: EXIT.damaged, isEqual: false }
  } catch (error) {
    if (!isOpcacheError(error)) throw error
    const failure = describeFailure(error, { source: file })
    return { status: failure.exitStatus, reason: failure.code, isEqual: false }
  }
}

async function tellOutcome({ id, file }: Checksum, outcome: Outcome, flags: GlobalOptions): Promise<void> {
  const { status, reason, isEqual } = outcome
  if (flags.json) {
    const error = isEqual ? {} : { error: { code: reason ?? 'checksum-mismatch', exitStatus: status } }
    return writeJson(flags, isEqual ? 'result' : 'error', { source: file, id, isEqual, ...error })
  }
  if (isEqual && flags.quiet) return
  const { mark, text } = escapedName(file)
  const told = isEqual ? 'OK' : reason === undefined ? 'FAILED' : `FAILED (${reason})`
  await writeStandardOutput(`${mark}${printable(text)}: ${told}\n`)
}

function tellDiffering(differing: number, flags: GlobalOptions): Promise<void> {
  const error = new CommandError(
    'checksum-mismatch',
    `${differing} ${differing === 1 ? 'file is' : 'files are'} not what the list says.`,
    'Each has a line that says FAILED.',
  )
  return tellFailure(error, describeFailure(error), flags)
}
