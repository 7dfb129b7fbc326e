import { BLOCK_BYTES, type BlockRange, blockLength } from '@opcache/protocol'
import { isIntegrityError } from '../errors/integrity-error.js'
import type { Call } from '../transport/call.js'
import type { Connection } from '../transport/connection.js'
import type { Turn } from '../transport/connection-gate.js'
import type { BlockJudge } from './result-manifest.js'
import { ResultRange } from './result-range.js'
import type { DownloadTarget } from './target.js'

/** How often a block is fetched again that came damaged. */
const DAMAGE_LIMIT = 2

/** What all workers of a download share. */
export interface Download {
  readonly connection: Connection
  readonly target: DownloadTarget
  readonly judge: BlockJudge
}

/** Takes a verified block; the next one comes when it is done with this one. */
export type UseBlock = (index: number, block: Uint8Array) => Promise<void> | void

/**
 * Fetches consecutive blocks, each verified before it is handed out, across lost connections: what was handed out is not
 * asked for again. `running` is an answer that already brings the first of them; it is left open.
 *
 * @throws IntegrityError for a block that comes damaged again and again, NotCachedError, what `use` throws.
 */
export async function fetchBlocks(
  { connection, target, judge }: Download,
  call: Call,
  [first, count]: BlockRange,
  use: UseBlock,
  running?: ResultRange,
): Promise<void> {
  const { size } = target.result
  const end = first + count
  let range = running
  let next = first
  let damages = 0
  const readRange = async (turn: Turn) => {
    range ??= await ResultRange.open(connection, call, target, next * BLOCK_BYTES, end * BLOCK_BYTES)
    while (next < end) {
      const block = await range.read(blockLength(size, next))
      judge(next, block)
      await use(next, block)
      next += 1
      damages = 0
      turn.progressed()
    }
  }
  const closeRange = async () => {
    const closing = range
    range = undefined
    await closing?.close()
  }
  await connection.attempt(call, async turn => {
    while (next < end) {
      try {
        await readRange(turn)
      } catch (error) {
        await closeRange()
        const isDamaged = isIntegrityError(error) && error.block !== undefined
        if (!isDamaged || ++damages > DAMAGE_LIMIT) throw error
      }
    }
  })
  if (range !== running) await closeRange()
}
