import type { EntryDocument } from '@opcache/protocol'
import { connect, type Session } from '../connection/connect.js'
import { describeFailure } from '../failure/describe-failure.js'
import { printable } from '../failure/printable.js'
import { tellFailure } from '../failure/tell-failure.js'
import { writeJson } from '../output/json-output.js'
import { sizeText } from '../output/size-text.js'
import { ReaderGone, writeStandardOutput } from '../output/standard-output.js'
import { Interrupted, interruptionSignal } from '../process/interruption.js'
import { openProgressView } from '../progress/open-progress-view.js'
import { serverFlags } from '../settings/server-flags.js'
import { type GlobalOptions, loadSettings } from '../settings/settings.js'
import { parseKey } from './parse-key.js'

export interface WaitFlags extends GlobalOptions {
  /** Seconds. */
  readonly timeout?: number
}

/** `opcache wait`: waits until entries are done, without fetching anything. Answers the status of the first that failed. */
export async function wait(keyTexts: readonly string[], flags: WaitFlags): Promise<number> {
  const keys = keyTexts.map(parseKey)
  const signal = interruptionSignal()
  await using session = await connect(loadSettings(flags))
  if (!session.isEmbedded) await session.firstContact(signal)
  let status = 0
  for (const key of keys) {
    try {
      const entry = await waitForOne(key, flags, session, signal)
      if (flags.json) await writeJson(flags, 'result', entry)
      else if (!flags.quiet) await writeStandardOutput(`${entryLine(entry)}\n`)
    } catch (error) {
      if (error instanceof ReaderGone) return status
      const { isEmbedded } = session
      const failure = describeFailure(error, { key, isEmbedded, serverFlags: serverFlags(flags) })
      await tellFailure(error, failure, flags)
      if (error instanceof Interrupted) return failure.exitStatus
      status ||= failure.exitStatus
    }
  }
  return status
}

async function waitForOne(
  key: string,
  flags: WaitFlags,
  { cache }: Session,
  signal: AbortSignal,
): Promise<EntryDocument> {
  const view = await openProgressView({ key }, flags)
  const waitTimeoutMs = flags.timeout === undefined ? undefined : flags.timeout * 1000
  return cache.wait(key, { signal, onProgress: view.onProgress, waitTimeoutMs }).finally(() => view.clear())
}

function entryLine({ key, state, result }: EntryDocument): string {
  const made = result ? `  ${result.name}  ${sizeText(result.size)}` : ''
  return printable(`${key}  ${state}${made}`)
}
