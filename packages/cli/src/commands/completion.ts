import { SCRIPTS, SHELLS, type Shell } from '../completion/shells.js'
import { didYouMean } from '../failure/closest-name.js'
import { usageError } from '../failure/command-error.js'
import { writeStandardOutput } from '../output/standard-output.js'

/** `opcache completion`: prints what a shell has to read once. */
export async function completion(shell: string): Promise<void> {
  const known = SHELLS.find(each => each === shell)
  if (known === undefined) throw unknownShell(shell)
  await writeStandardOutput(SCRIPTS[known satisfies Shell])
}

function unknownShell(shell: string): Error {
  const advice = `There are: ${SHELLS.join(', ')}.`
  const suggestion = didYouMean(shell, SHELLS)
  return usageError(
    `There is no completion for the shell "${shell}".`,
    suggestion ? `${suggestion} ${advice}` : advice,
  )
}
