import type { Command } from 'commander'
import { candidatesFor } from '../completion/candidates.js'
import { recallOperations } from '../connection/capabilities-memory.js'
import { printable } from '../failure/printable.js'
import { writeStandardOutput } from '../output/standard-output.js'
import { loadSettings } from '../settings/settings.js'

/** `opcache complete-words`: a candidate a line, a tab, and what it means. Asks no server. */
export async function complete(program: Command, words: readonly string[]): Promise<void> {
  const candidates = await candidatesFor(program, words, server =>
    recallOperations(server ?? loadSettings({}).server),
  )
  const lines = candidates.map(candidate => `${candidate.map(printable).join('\t')}\n`)
  await writeStandardOutput(lines.join(''))
}
