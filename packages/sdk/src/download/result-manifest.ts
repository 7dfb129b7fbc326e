import { type Blake3, blockCount, loadBlake3, PATHS } from '@opcache/protocol'
import { spaceHeader } from '../entry/space-header.js'
import type { Call } from '../transport/call.js'
import type { Connection } from '../transport/connection.js'
import type { DownloadTarget } from './target.js'
import { verifyBlock, verifyManifest, verifyWhole } from './verify-block.js'

/** Judges the blocks of a result, each on its own. @throws IntegrityError */
export type BlockJudge = (index: number, bytes: Uint8Array) => void

/** What judges the blocks of a result: its certified manifest, or the id itself where there is one block at most. */
export async function judgeOf(
  connection: Connection,
  call: Call,
  target: DownloadTarget,
): Promise<BlockJudge> {
  const { id, size } = target.result
  const blake3 = await loadBlake3()
  if (size === 0) verifyWhole(blake3, id, new Uint8Array(0))
  if (blockCount(size) <= 1) return (_index, bytes) => verifyWhole(blake3, id, bytes)
  const manifest = await connection.attempt(call, () => fetchManifest(connection, call, target, blake3))
  return (index, bytes) => verifyBlock(blake3, id, manifest, index, bytes)
}

async function fetchManifest(
  connection: Connection,
  call: Call,
  { result, isPrivate }: DownloadTarget,
  blake3: Blake3,
): Promise<Uint8Array> {
  const answer = await connection.send(
    { method: 'GET', path: PATHS.manifest(result.id), headers: spaceHeader(isPrivate) },
    call,
  )
  const manifest = await answer.bytes()
  verifyManifest(blake3, result, manifest)
  return manifest
}
