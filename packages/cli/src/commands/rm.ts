import { connect } from '../connection/connect.js'
import { describeFailure } from '../failure/describe-failure.js'
import { tellFailure } from '../failure/tell-failure.js'
import { readNotes, removeNote } from '../notes/note-store.js'
import { writeJson } from '../output/json-output.js'
import { remark } from '../output/remark.js'
import { Interrupted, interruptionSignal } from '../process/interruption.js'
import { serverFlags } from '../settings/server-flags.js'
import { type GlobalOptions, loadSettings } from '../settings/settings.js'
import { parseKey } from './parse-key.js'

/** `opcache rm`: forgets entries, and ends what runs for them. Answers the status of the first that failed. */
export async function rm(keyTexts: readonly string[], flags: GlobalOptions): Promise<number> {
  const keys = keyTexts.map(parseKey)
  const signal = interruptionSignal()
  await using session = await connect(loadSettings(flags))
  if (!session.isEmbedded) await session.firstContact(signal)
  let status = 0
  for (const key of keys) {
    try {
      await session.cache.delete(key, { signal })
      for (const note of readNotes()) if (note.key === key) removeNote(note)
      if (flags.json) await writeJson(flags, 'result', { key, isRemoved: true })
      else await remark(`${key} is forgotten.`, flags)
    } catch (error) {
      const failure = describeFailure(error, { key, serverFlags: serverFlags(flags) })
      await tellFailure(error, failure, flags)
      if (error instanceof Interrupted) return failure.exitStatus
      status ||= failure.exitStatus
    }
  }
  return status
}
