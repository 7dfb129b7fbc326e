import type { Command } from 'commander'
import { manualPage } from '../manual/manual-page.js'
import { writeStandardOutput } from '../output/standard-output.js'

/** `opcache manual`: prints the manual page. */
export async function manual(program: Command): Promise<void> {
  await writeStandardOutput(manualPage(program))
}
