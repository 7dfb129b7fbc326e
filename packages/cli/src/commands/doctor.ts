import { checkCacheFolder, checkNode, checkProxies } from '../doctor/check-machine.js'
import { checkServer } from '../doctor/check-server.js'
import { checkSettings } from '../doctor/check-settings.js'
import type { Finding } from '../doctor/finding.js'
import { printable } from '../failure/printable.js'
import { type Paint, painted } from '../output/colors.js'
import { fitted } from '../output/fitted.js'
import { writeJson } from '../output/json-output.js'
import { writeStandardOutput } from '../output/standard-output.js'
import { interruptionSignal } from '../process/interruption.js'
import type { GlobalOptions } from '../settings/settings.js'

const PAINTS: Readonly<Record<Finding['level'], Paint>> = { ok: 'green', warn: 'yellow', fail: 'red' }

/** `opcache doctor`: a line for each check. Answers the exit status: that of the first failure. */
export async function doctor(flags: GlobalOptions): Promise<number> {
  let status = 0
  for await (const finding of findings(flags)) {
    status ||= finding.exitStatus ?? 0
    if (flags.json) await writeJson(flags, 'result', finding)
    else await tell(finding)
  }
  return status
}

async function* findings(flags: GlobalOptions): AsyncGenerator<Finding, void, undefined> {
  yield checkNode()
  const { findings: found, settings } = checkSettings(flags)
  yield* found
  if (settings) {
    yield* await checkServer(settings, interruptionSignal())
    yield await checkCacheFolder(settings.cacheDir)
  }
  yield checkProxies()
}

async function tell({ check, level, message, advice }: Finding): Promise<void> {
  const mark = painted(process.stdout, PAINTS[level], level.padEnd(4))
  const line = `${mark}  ${check.padEnd(8)}  ${printable(message)}\n`
  await writeStandardOutput(await fitted(process.stdout, line, 16))
  if (advice === undefined) return
  await writeStandardOutput(await fitted(process.stdout, `${' '.repeat(16)}${printable(advice)}\n`, 0))
}
