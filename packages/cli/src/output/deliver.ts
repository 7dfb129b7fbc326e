import { createWriteStream } from 'node:fs'
import { resolve } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { type CachedResult, OutputError, type ProgressListener } from '@opcache/sdk'
import { assertReplaceable, type Destination } from './destination.js'
import { outputPath, resultBaseName } from './output-name.js'
import { writeFailure, writeStandardOutput } from './standard-output.js'

/** How a result is handed over. */
export interface Delivery {
  readonly destination: Destination
  /** What the result was made from, as it was typed; undefined where only the key is known. */
  readonly source: string | undefined
  readonly operation: string
  readonly force: boolean
  readonly signal: AbortSignal
  readonly onProgress: ProgressListener
  /** Is told the path before anything is written there. */
  readonly onPath: (path: string) => void
  /** Called before bytes go to a terminal, which may be the one that progress is shown on. */
  readonly beforeStandardOutput: () => void
}

/** Brings a result to where it is wanted; answers the path, `-` for stdout. @throws OutputError, ReaderGone */
export async function deliver(result: CachedResult, delivery: Delivery): Promise<string> {
  const { destination, force, signal, onProgress } = delivery
  if (destination.kind === 'stdout') {
    // Bytes and progress cannot share a terminal.
    if (process.stdout.isTTY) delivery.beforeStandardOutput()
    await pipeline(
      result.stream({ signal, ...(!process.stdout.isTTY && { onProgress }) }),
      async chunks => {
        for await (const chunk of chunks as AsyncIterable<Uint8Array>) await writeStandardOutput(chunk)
      },
      { signal },
    )
    return '-'
  }
  if (destination.kind === 'device') {
    await writeDevice(result, destination.path, delivery)
    return destination.path
  }
  const path = destination.kind === 'file' ? destination.path : namedPath(result, destination.path, delivery)
  delivery.onPath(path)
  await assertReplaceable(path, force)
  await result.toFile(path, { force, signal, onProgress })
  return path
}

function namedPath({ result }: CachedResult, folder: string, { source, operation }: Delivery): string {
  const resultName = resultBaseName(result.name)
  const path = outputPath({ source: source ?? '-', resultName, operation, folder })
  // Who wants to replace the source has to say so with -o.
  if (source !== undefined && resolve(path) === resolve(source)) {
    throw new OutputError('output-exists', `The result would be named ${path}, as its source is.`)
  }
  return path
}

async function writeDevice(
  result: CachedResult,
  path: string,
  { signal, onProgress }: Delivery,
): Promise<void> {
  const bytes = result.stream({ signal, onProgress })
  const device = createWriteStream(path, { flags: 'w' })
  let failure: NodeJS.ErrnoException | undefined
  device.once('error', error => {
    failure = error
  })
  await pipeline(bytes, device, { signal }).catch(error => {
    throw failure && error === failure ? writeFailure(path, failure) : error
  })
}
