import { fitted } from '../output/fitted.js'
import { writeJson } from '../output/json-output.js'
import { ReaderGone } from '../output/standard-output.js'
import type { GlobalOptions } from '../settings/settings.js'
import type { Failure } from './failure.js'
import { causeLines, failureDocument, failureLines, printStack } from './print-failure.js'

/** Tells a failure, of a source where it is about one: two lines on stderr, or with `--json` an object on stdout. */
export async function tellFailure(
  error: unknown,
  failure: Failure,
  flags: GlobalOptions,
  source?: string,
  write: (text: string) => void = text => process.stderr.write(text),
): Promise<void> {
  await printStack(error)
  if (flags.json && (await isWritten(failure, flags, source))) return
  const text = `${failureLines(failure, source)}${flags.verbose ? causeLines(error) : ''}`
  write(await fitted(process.stderr, text, 4))
}

/** Whether programs could be told: a stdout that takes nothing must not make a failure silent. @throws ReaderGone */
async function isWritten(failure: Failure, flags: GlobalOptions, source?: string): Promise<boolean> {
  try {
    const document = { ...(source !== undefined && { source }), error: failureDocument(failure) }
    await writeJson(flags, 'error', document)
    return true
  } catch (error) {
    if (error instanceof ReaderGone) throw error
    return false
  }
}
