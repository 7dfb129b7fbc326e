import { randomUUID } from 'node:crypto'
import { createWriteStream } from 'node:fs'
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { PassThrough, type Writable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import type { Params } from '@opcache/protocol'
import type { Engine } from '../engine/engine.js'
import { readContent } from '../engine/read-content.js'
import { type StoredBytes, storeBytes } from '../engine/store-content.js'
import type { OperationInput, OperationOutcome, OperationProgress } from '../operations/operation.js'
import type { OfferedOperation } from '../operations/registry.js'
import type { ContentRecord } from '../ports/content-store.js'
import { checkedOutcome } from './checked-outcome.js'
import { runIsolated } from './run-isolated.js'

/** What one run of an operation works on. */
export interface RunRequest {
  readonly source: ContentRecord
  readonly params: Params
  readonly signal: AbortSignal
  progress(progress: OperationProgress): void
}

/**
 * Runs an operation and stores what it writes, under a name that nothing knows yet.
 *
 * @throws what the operation throws; then nothing stays.
 */
export async function runOperation(
  engine: Engine,
  { operation }: OfferedOperation,
  request: RunRequest,
): Promise<{ outcome: OperationOutcome; stored: StoredBytes }> {
  const output = new PassThrough()
  // It may fail before anybody reads it; whoever does meets the error then.
  output.on('error', () => undefined)
  const input = new ContentInput(engine, request.source)
  const storing = storeBytes(engine, output)
  // Operations may not look at the signal; without an output they are over all the same.
  const cancel = () => void output.destroy(request.signal.reason)
  request.signal.addEventListener('abort', cancel, { once: true })
  try {
    const context = { ...request, input, output }
    const running =
      'module' in operation ? runIsolated(operation, context) : Promise.resolve(operation.run(context))
    // Whichever fails first says why; the other is ended by the output's end.
    const outcome = checkedOutcome(await Promise.race([running, storing.then(() => running)]))
    await endOutput(output)
    return { outcome, stored: await storing }
  } catch (error) {
    output.destroy(error as Error)
    await storing.then(
      stored => engine.blobs.delete(stored.blob),
      () => undefined,
    )
    throw error
  } finally {
    request.signal.removeEventListener('abort', cancel)
    await input.dispose()
  }
}

function endOutput(output: Writable): Promise<void> {
  if (output.writableEnded) return Promise.resolve()
  return new Promise((resolve, reject) => {
    output.once('error', reject)
    output.end(resolve)
  })
}

/** A complete content as an operation's input. Stores without local files get a copy for those who need a path. */
class ContentInput implements OperationInput {
  readonly #engine: Engine
  readonly #content: ContentRecord
  readonly #copyPath: string
  #copy: Promise<string> | undefined

  constructor(engine: Engine, content: ContentRecord) {
    this.#engine = engine
    this.#content = content
    this.#copyPath = join(engine.scratchFolder, randomUUID())
  }

  get size(): number {
    return this.#content.size
  }

  stream() {
    return readContent(this.#engine, this.#content)
  }

  path(): Promise<string> {
    const local = this.size > 0 ? this.#engine.blobs.localPath(this.#content.blob) : undefined
    if (local !== undefined) return Promise.resolve(local)
    this.#copy ??= this.#makeCopy()
    return this.#copy
  }

  async dispose(): Promise<void> {
    if (!this.#copy) return
    await this.#copy.catch(() => undefined)
    await rm(this.#copyPath, { force: true })
  }

  async #makeCopy(): Promise<string> {
    await pipeline(this.stream(), createWriteStream(this.#copyPath, { mode: 0o600 }))
    return this.#copyPath
  }
}
