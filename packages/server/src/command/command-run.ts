import { constants } from 'node:fs'
import { copyFile } from 'node:fs/promises'
import { basename, extname, join } from 'node:path'
import type { AttemptBounds } from '../execution/isolated/attempt-bounds.js'
import { fillCommand, placesOf } from '../operations/command-line.js'
import type { CommandOperation, OperationOutcome, RunOperation } from '../operations/operation.js'
import { runTool } from './run-tool.js'
import { noOutput, takeOutput } from './take-output.js'

/** The `run` of a command operation. */
export function commandRun(
  { command, output: declared, streaming }: Pick<CommandOperation, 'command' | 'output' | 'streaming'>,
  { outputBytes, memoryBytes }: AttemptBounds,
): RunOperation {
  return async ({ input, output, params, folder: makeFolder }): Promise<OperationOutcome> => {
    const folder = await makeFolder()
    const places = placesOf(command)
    const paths = {
      folder,
      input: join(folder, 'input'),
      output: join(folder, `output${extname(declared.name ?? '')}`),
    }
    // A copy of its own (shared blocks, where the file system can): tools write beside their input, and into it.
    const hasInput = places.includes('input')
    if (hasInput) await copyFile(await input.path(), paths.input, constants.COPYFILE_FICLONE)
    const isPiped = declared.file === undefined && !places.includes('output')
    const { said, stdoutBytes } = await runTool({
      command: fillCommand(command, { ...(params as object), ...paths }),
      folder,
      stdin: hasInput ? undefined : input.stream(),
      stdout: isPiped ? output : undefined,
      outputBytes,
      memoryBytes,
      appendLog: text => void process.stderr.write(text),
    })
    const tool = basename(command[0] as string)
    if (!isPiped) {
      const path = declared.file === undefined ? paths.output : join(folder, declared.file)
      await takeOutput({ tool, said, folder, path }, output)
    } else if (stdoutBytes === 0 && !streaming) {
      throw noOutput(tool, said)
    }
    // An empty file is a result as well, and so is nothing where a filter has let nothing through.
    output.end()
    const { type, name } = declared
    return { ...(type === undefined ? {} : { type }), ...(name === undefined ? {} : { name }) }
  }
}
