// A thread that hashes blocks of a file, beside others: each takes the next block that none has taken, so that all read
// the file about in its order.
import { readSync } from 'node:fs'
import { parentPort, workerData } from 'node:worker_threads'
import {
  Accumulator,
  BLOCK_BYTES,
  blockCount,
  blockLength,
  DIGEST_BYTES,
  loadBlake3,
} from '@opcache/protocol'
import type { HashingTask } from './hash-in-threads.js'

async function hashBlocks({ descriptor, size, nextBlock, manifest }: HashingTask): Promise<void> {
  const blake3 = await loadBlake3()
  const sum = new Accumulator(blake3)
  const memory = Buffer.allocUnsafeSlow(BLOCK_BYTES)
  for (;;) {
    const index = Atomics.add(nextBlock, 0, 1)
    if (index >= blockCount(size)) break
    const block = memory.subarray(0, blockLength(size, index))
    fill(descriptor, block, index * BLOCK_BYTES)
    const digest = blake3.digest(block)
    manifest.set(digest, index * DIGEST_BYTES)
    sum.add(index, block.length, digest)
    parentPort?.postMessage(block.length)
  }
  parentPort?.postMessage(sum.toBytes())
}

function fill(descriptor: number, bytes: Uint8Array, position: number): void {
  for (let at = 0; at < bytes.length; ) {
    const read = readSync(descriptor, bytes, at, bytes.length - at, position + at)
    if (read === 0) throw new Error('The file ends before its size.')
    at += read
  }
}

// A failure is the thread's.
void hashBlocks(workerData as HashingTask)
