import { once } from 'node:events'
import { createRequire } from 'node:module'
import { availableParallelism } from 'node:os'
import { Worker } from 'node:worker_threads'
import { Accumulator, blockCount, type ContentIdentity, loadBlake3, manifestBytes } from '@opcache/protocol'

/** More threads than this wait for memory and disks, not for processors. */
const MOST_THREADS = 4

/** A file of its own wherever this code is bundled into. */
const threadPath = () => createRequire(import.meta.url).resolve('#hashing-thread')

/** What a thread is given; all but the descriptor is shared memory. */
export interface HashingTask {
  /** Of the open file. */
  readonly descriptor: number
  /** Bytes of the file. */
  readonly size: number
  /** The block to hash next, beyond the last one when there is none. */
  readonly nextBlock: Int32Array
  /** Takes the digest of each block. */
  readonly manifest: Uint8Array
}

/**
 * Hashes an open file on several processors, each summing its own blocks. Undefined where that cannot be done: there is
 * only one processor, a thread cannot be started, or cannot read. Then hash it in this thread, which also tells why it
 * cannot be read. No thread uses the descriptor any more when this settles.
 *
 * @throws the reason of `signal`; what `onBytes` throws.
 */
export async function hashInThreads(
  descriptor: number,
  size: number,
  { signal, onBytes }: { signal: AbortSignal | undefined; onBytes(hashedBytes: number): void },
): Promise<ContentIdentity | undefined> {
  signal?.throwIfAborted()
  const threads = Math.min(MOST_THREADS, availableParallelism())
  if (threads === 1) return undefined
  const nextBlock = new Int32Array(new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT))
  const manifest = new Uint8Array(new SharedArrayBuffer(manifestBytes(size)))
  const task: HashingTask = { descriptor, size, nextBlock, manifest }
  const stop = () => void Atomics.store(nextBlock, 0, blockCount(size))
  signal?.addEventListener('abort', stop, { once: true })
  let hashedBytes = 0
  let objection: { readonly error: unknown } | undefined
  const onBlock = (bytes: number) => {
    hashedBytes += bytes
    try {
      onBytes(hashedBytes)
    } catch (error) {
      objection ??= { error }
      stop()
    }
  }
  try {
    const sums = await Promise.all(
      Array.from({ length: threads }, async () => {
        const sum = await sumOfThread(task, onBlock)
        if (!sum) stop()
        return sum
      }),
    )
    signal?.throwIfAborted()
    if (objection) throw objection.error
    const blake3 = await loadBlake3()
    const total = new Accumulator(blake3)
    for (const sum of sums) {
      if (!sum) return undefined
      total.merge(new Accumulator(blake3, sum))
    }
    return { id: total.contentId(size), size, manifest: manifest.slice() }
  } finally {
    signal?.removeEventListener('abort', stop)
  }
}

/** The sum of the blocks that a new thread hashed; undefined when it failed. It has ended by then. */
async function sumOfThread(
  task: HashingTask,
  onBlock: (bytes: number) => void,
): Promise<Uint8Array | undefined> {
  let sum: Uint8Array | undefined
  try {
    // What Node was told for the program (hooks, conditions) is nothing for a thread that only hashes.
    const thread = new Worker(threadPath(), { workerData: task, execArgv: [] })
    thread.on('message', (told: number | Uint8Array) => {
      if (typeof told === 'number') onBlock(told)
      else sum = told
    })
    await once(thread, 'exit')
    return sum
  } catch {
    return undefined
  }
}
