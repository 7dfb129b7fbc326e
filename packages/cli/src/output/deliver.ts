import { createWriteStream } from 'node:fs'
import { pipeline } from 'node:stream/promises'
import type { CachedResult, ProgressListener } from '@opcache/sdk'
import { assertReplaceable, type Destination, makeFolderOf } from './destination.js'
import { type OutputNaming, pathOfOutput } from './output-path.js'
import { writeFailure, writeStandardOutput } from './standard-output.js'

/** How the bytes of a result are handed over. */
export interface Handover {
  readonly destination: Destination
  readonly signal: AbortSignal
  readonly onProgress: ProgressListener
  /** Called before bytes go to a terminal, which may be the one that progress is shown on. */
  readonly beforeStandardOutput: () => void
}

/** How a result is handed over. */
export interface Delivery extends Handover, OutputNaming {
  readonly force: boolean
  /** Is told the path before anything is written there. */
  readonly onPath: (path: string) => void
}

/** Brings a result to where it is wanted; answers the path, `-` for stdout. @throws OutputError, ReaderGone */
export async function deliver(result: CachedResult, delivery: Delivery): Promise<string> {
  const path = pathOfOutput(result.result, result.key, delivery)
  if (path === undefined) return writeToOpened(result, delivery)
  const { force, signal, onProgress } = delivery
  delivery.onPath(path)
  if (delivery.destination.kind !== 'file') await makeFolderOf(path)
  await assertReplaceable(path, force)
  await result.toFile(path, { force, signal, onProgress })
  return path
}

/** Writes a result to stdout or a device; answers its path, `-` for stdout. @throws OutputError, ReaderGone */
export async function writeToOpened(result: CachedResult, handover: Handover): Promise<string> {
  const { destination, signal, onProgress } = handover
  if (destination.kind === 'device') {
    await writeDevice(result, destination.path, handover)
    return destination.path
  }
  // Bytes and progress cannot share a terminal.
  if (process.stdout.isTTY) handover.beforeStandardOutput()
  await pipeline(
    result.stream({ signal, ...(!process.stdout.isTTY && { onProgress }) }),
    async chunks => {
      for await (const chunk of chunks as AsyncIterable<Uint8Array>) await writeStandardOutput(chunk)
    },
    { signal },
  )
  return '-'
}

async function writeDevice(
  result: CachedResult,
  path: string,
  { signal, onProgress }: Handover,
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
