import { constants } from 'node:fs'
import { copyFile } from 'node:fs/promises'
import { join } from 'node:path'
import { runTool, takeOutput } from '@opcache/server/command'
import { OperationError, type OperationOutcome } from '@opcache/server/operation'
import type { ConvertJob } from './job.js'
import { outcomeOf } from './outcome.js'

/** Memory of a tool, in bytes. */
const memoryBytes = 3 * 2 ** 30

/** The largest result that a tool may write, in bytes. */
const outputBytes = 8 * 2 ** 30

/**
 * Converts by a command-line tool, which writes `made` in the attempt's folder.
 *
 * @param command Makes the command, given the folder and the path of the source's copy in it.
 * @throws OperationError when the tool refuses the source; MissingToolError, which an installation heals.
 */
export async function convertWithTool(
  { context, found, to }: ConvertJob,
  made: string,
  command: (folder: string, input: string) => readonly string[],
): Promise<OperationOutcome> {
  const folder = await context.folder()
  const input = join(folder, 'input')
  await copyFile(await context.input.path(), input, constants.COPYFILE_FICLONE)
  context.progress({ message: `converting ${found.label} to ${to}` })
  const [tool = '', ...args] = command(folder, input)
  const { said } = await runTool({
    command: [tool, ...args],
    folder,
    outputBytes,
    memoryBytes,
    appendLog: text => text.trim() && context.log(text.trimEnd()),
  })
  const sizeBytes = await takeOutput({ tool, said, folder, path: join(folder, made) }, context.output)
  if (sizeBytes === 0) {
    throw new OperationError(`${found.label} could not be converted to ${to}: ${tool} made nothing of it`)
  }
  return outcomeOf(to)
}
