import { randomUUID } from 'node:crypto'
import { mkdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Readable, Writable } from 'node:stream'
import { finished } from 'node:stream/promises'
import type { OperationOutcome, OperationProgress } from '@opcache/server'
import { onTestFinished } from 'vitest'
import type { ConvertParams } from '../src/convert/params.js'
import run from '../src/convert/run.js'

/** What came of a conversion. */
export interface Converted extends OperationOutcome {
  readonly bytes: Buffer
  readonly text: string
  readonly progress: readonly OperationProgress[]
  /** The time that it allowed itself, in milliseconds. */
  readonly timeoutMs: number | undefined
  /** Whether the runner ended the output, which is the server's task. */
  readonly hasEnded: boolean
}

/** Runs `convert` on bytes, as a server would, with a slow output that takes small pieces. */
export async function convertBytes(
  source: string | Uint8Array,
  params: ConvertParams = {},
  signal: AbortSignal = new AbortController().signal,
  onProgress: (report: OperationProgress) => void = () => undefined,
): Promise<Converted> {
  const bytes = Buffer.from(source as Uint8Array)
  const written: Buffer[] = []
  const progress: OperationProgress[] = []
  let timeoutMs: number | undefined
  let hasEnded = false
  const output = new Writable({
    highWaterMark: 1024,
    write(chunk: Buffer, _encoding, done) {
      written.push(Buffer.from(chunk))
      setImmediate(done)
    },
    final(done) {
      hasEnded = true
      done()
    },
  })
  const path = join(tmpdir(), `convert-${randomUUID()}`)
  const folder = `${path}-folder`
  onTestFinished(async () => {
    for (const made of [path, folder]) await rm(made, { recursive: true, force: true })
  })
  const outcome = await run({
    input: {
      size: bytes.length,
      stream: () => Readable.from(inChunks(bytes)),
      path: async () => {
        await writeFile(path, bytes)
        return path
      },
    },
    output,
    params,
    progress: report => {
      progress.push(report)
      onProgress(report)
    },
    log: () => undefined,
    folder: async () => {
      await mkdir(folder, { recursive: true })
      return folder
    },
    limitTime: limit => {
      timeoutMs = limit
    },
    signal,
  })
  const hasEndedItself = hasEnded
  output.end()
  await finished(output)
  const result = Buffer.concat(written)
  return { ...outcome, bytes: result, text: result.toString(), progress, timeoutMs, hasEnded: hasEndedItself }
}

/** Odd sizes, so that cuts go through characters and rows. */
function* inChunks(bytes: Buffer): Generator<Buffer> {
  for (let at = 0; at < bytes.length; at += 4099) yield bytes.subarray(at, at + 4099)
}
