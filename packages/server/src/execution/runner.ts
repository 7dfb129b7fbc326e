/**
 * The process of one isolated attempt: it gets one message, runs the operation, writes the result's bytes to file
 * descriptor 4, tells how it ended and ends. When its server dies, so does it.
 */
import { createReadStream, createWriteStream } from 'node:fs'
import { stat } from 'node:fs/promises'
import { finished } from 'node:stream/promises'
import { pathToFileURL } from 'node:url'
import type { RunOperation } from '../operations/operation.js'
import { isOperationError } from '../operations/operation-error.js'
import type { FromRunner, ToRunner } from './runner-messages.js'
import { thrownMessage } from './thrown-message.js'

const OUTPUT_DESCRIPTOR = 4

process.once('disconnect', () => process.exit(1))
process.once('message', message => {
  void run(message as ToRunner)
    .then(tell, (error: unknown) =>
      tell({
        kind: 'failed',
        message: thrownMessage(error),
        isDeterministic: isOperationError(error),
      }),
    )
    .then(() => process.exit(0))
})

async function run({ module, path, params }: ToRunner): Promise<FromRunner> {
  const { default: operate } = (await import(pathToFileURL(module).href)) as { default: RunOperation }
  const { size } = await stat(path)
  const output = createWriteStream('', { fd: OUTPUT_DESCRIPTOR })
  const outcome = await operate({
    input: { size, stream: () => createReadStream(path), path: async () => path },
    output,
    params,
    progress: progress => void tell({ kind: 'progress', progress }),
    // Cancelling kills this process: there is nothing to abort from inside.
    signal: new AbortController().signal,
  })
  output.end()
  await finished(output)
  return { kind: 'done', outcome }
}

function tell(message: FromRunner): Promise<void> {
  return new Promise((resolve, reject) => {
    process.send?.(message, (error: Error | null) => (error ? reject(error) : resolve()))
  })
}
