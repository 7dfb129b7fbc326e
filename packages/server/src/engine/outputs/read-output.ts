import { buffer } from 'node:stream/consumers'
import { readContent, requireCompleteContent } from '../contents/read-content.js'
import type { Engine } from '../engine.js'
import type { RunningOutput } from './running-output.js'

/** The output will never be whole: its attempt has failed, was stopped, or another one has taken its place. */
export class OutputCut extends Error {
  override readonly name = 'OutputCut'
}

/**
 * The bytes of a running output from `from` on, as they are written. Ends when the entry is complete by its attempt, and
 * never otherwise.
 *
 * @throws OutputCut; the signal's reason
 */
export async function* readOutput(
  engine: Engine,
  output: RunningOutput,
  from: number,
  signal: AbortSignal,
): AsyncGenerator<Uint8Array> {
  const unfollow = output.follow()
  try {
    for (let at = from; ; ) {
      const { rings } = output.changed
      const look = output.look(at)
      switch (look.kind) {
        case 'bytes':
          at += look.bytes.length
          yield look.bytes
          break
        case 'stored':
          for await (const chunk of storedBytes(engine, output, at, look.end)) {
            at += chunk.length
            yield chunk
          }
          break
        case 'nothing':
          await output.changed.sleep(rings, Number.POSITIVE_INFINITY, signal)
          break
        case 'published': {
          const content = await requireCompleteContent(engine, look.content)
          if (at < content.size) yield* readContent(engine, content, at)
          return
        }
        case 'cut':
          throw new OutputCut('The attempt whose output was followed has ended without a result.')
      }
    }
  } finally {
    unfollow()
  }
}

/** Bytes of the blob; fewer where it is given up meanwhile. */
async function* storedBytes(
  engine: Engine,
  output: RunningOutput,
  start: number,
  end: number,
): AsyncGenerator<Uint8Array> {
  const stored = engine.blobs.read(output.blob, start, end)
  try {
    for await (const chunk of stored) yield chunk
  } catch (error) {
    if (error !== stored.errored || !output.isClosed) throw error
  }
}

/** What is there now of a running output from `from` on, at most `limitBytes`; nothing once it has ended. */
export async function takeOutput(
  engine: Engine,
  output: RunningOutput,
  from: number,
  limitBytes: number,
): Promise<Buffer> {
  const taken: Uint8Array[] = []
  let at = from
  const end = from + limitBytes
  while (at < end) {
    const look = output.look(at)
    if (look.kind === 'bytes') {
      const bytes = look.bytes.subarray(0, end - at)
      at += bytes.length
      taken.push(bytes)
    } else if (look.kind === 'stored') {
      const stored = await buffer(engine.blobs.read(output.blob, at, Math.min(end, look.end))).catch(
        () => undefined,
      )
      // Its blob is being given up: the output has come to its end.
      if (!stored) break
      at += stored.length
      taken.push(stored)
    } else break
  }
  return Buffer.concat(taken)
}
