import { BLOCK_BYTES, type BlockRange, blockCount, blockLength, rangeBytes } from '@opcache/protocol'
import { isIntegrityError } from '../errors/integrity-error.js'
import { isServerUnreachableError } from '../errors/server-unreachable-error.js'
import { OutputFile } from '../output/output-file.js'
import type { Call } from '../transport/call.js'
import type { Connection } from '../transport/connection.js'
import { runWorkers } from '../upload/workers.js'
import { type Download, fetchBlocks } from './fetch-blocks.js'
import { isLarge, planPieces } from './pieces.js'
import { type BlockJudge, judgeOf } from './result-manifest.js'
import type { ResultRange } from './result-range.js'
import type { DownloadTarget } from './target.js'

/** How a result is written to a file. */
export interface FileDownload {
  readonly path: string
  /** Replaces a file that is there. */
  readonly force: boolean
  /** Connections at most. */
  readonly workers: number
  /** An answer that brings the result from its first byte on, where there is one already. */
  readonly running: ResultRange | undefined
}

/**
 * Writes a result to a file, block by block as they come and are verified, in any order. What an interrupted download
 * left is verified and completed.
 *
 * @throws OutputError, IntegrityError, NotCachedError
 */
export async function downloadFile(
  connection: Connection,
  call: Call,
  target: DownloadTarget,
  { path, force, workers, running }: FileDownload,
): Promise<void> {
  const { size } = target.result
  const file = await OutputFile.resume(path, target.result)
  try {
    const judge = await judgeOf(connection, call, target)
    const missing = await missingBlocks(file, judge, size, call.signal)
    await fetchMissing({ connection, target, judge }, call, { file, missing, workers, running })
    call.signal?.throwIfAborted()
    await file.publish(force)
  } catch (error) {
    const isToBeResumed = call.signal?.aborted || isServerUnreachableError(error)
    await (isLarge(size) && isToBeResumed ? file.keep() : file.discard())
    throw error
  }
}

/** The blocks that the file does not have yet. */
async function missingBlocks(
  file: OutputFile,
  judge: BlockJudge,
  size: number,
  signal: AbortSignal | undefined,
): Promise<BlockRange[]> {
  const missing: [number, number][] = []
  for (let index = 0; index < blockCount(size); index++) {
    signal?.throwIfAborted()
    if (await hasBlock(file, judge, size, index)) continue
    const last = missing.at(-1)
    if (last && last[0] + last[1] === index) last[1] += 1
    else missing.push([index, 1])
  }
  return missing
}

async function hasBlock(file: OutputFile, judge: BlockJudge, size: number, index: number): Promise<boolean> {
  const position = index * BLOCK_BYTES
  if (file.leftBytes <= position) return false
  const bytes = Buffer.allocUnsafe(blockLength(size, index))
  try {
    if (!(await file.read(bytes, position))) return false
    judge(index, bytes)
    return true
  } catch (error) {
    if (isIntegrityError(error)) return false
    throw error
  }
}

interface FetchPlan {
  readonly file: OutputFile
  readonly missing: readonly BlockRange[]
  readonly workers: number
  readonly running: ResultRange | undefined
}

async function fetchMissing(
  download: Download,
  call: Call,
  { file, missing, workers, running }: FetchPlan,
): Promise<void> {
  const { size } = download.target.result
  const pieces = planPieces(missing, size)
  let bytes = size - pieces.reduce((sum, piece) => sum + rangeBytes(size, piece), 0)
  const use = async (index: number, block: Uint8Array) => {
    await file.write(block, index * BLOCK_BYTES)
    bytes += block.length
    call.progress.report({ phase: 'downloading', bytes, totalBytes: size })
  }
  if (size > 0 && bytes > 0) call.progress.report({ phase: 'downloading', bytes, totalBytes: size })
  // A running answer can only be read on from where it is, so whoever has it takes the first pieces, the others the last.
  let runningAt = running?.isOpen ? 0 : undefined
  let isRunningTaken = false
  await runWorkers(Math.min(workers, pieces.length), call.signal, signal => {
    const hasRunning = runningAt !== undefined && !isRunningTaken
    isRunningTaken = true
    return async () => {
      const goesOn = hasRunning && running?.isOpen && pieces[0]?.[0] === runningAt
      const piece = running && !hasRunning ? pieces.pop() : pieces.shift()
      if (!piece) return 'nothing-left'
      await fetchBlocks(download, { ...call, signal }, piece, use, goesOn ? running : undefined)
      if (goesOn) runningAt = piece[0] + piece[1]
      return 'go-on'
    }
  })
}
