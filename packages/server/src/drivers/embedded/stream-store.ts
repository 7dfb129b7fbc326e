import {
  Accumulator,
  type Blake3,
  BlockMap,
  type BlockRange,
  blockIndices,
  type EntryKey,
} from '@opcache/protocol'
import { streamBytes } from '../../ports/stored-bytes.js'
import type {
  KnownStreamBlock,
  NewStream,
  SealOutcome,
  StreamBlock,
  StreamClaim,
  StreamEnd,
  StreamRecord,
  StreamRef,
  StreamStore,
} from '../../ports/stream-store.js'
import { sameBlock } from '../same-block.js'
import { sealObjection } from '../seal-objection.js'
import { accountStream, isReserved, useReservation } from './accounts.js'
import { removePieces } from './manifest-pieces.js'
import { dependentKey, keysUnder, keysUntil, streamExpiryKey, streamKey } from './records/keys.js'
import { moveKey } from './records/move-key.js'
import type { Records } from './records/records.js'
import type { StoredStream, Tables } from './records/tables.js'
import { getStreamBlock, putStreamBlock, streamBlocks } from './stream-block-pieces.js'
import { asStreamRecord, currentTrust } from './trust.js'

/** Keeps streams. Digests and sum are kept only until the content is stored. */
export class EmbeddedStreamStore implements StreamStore {
  readonly #records: Records
  readonly #nonce: string
  readonly #blake3: Blake3

  constructor(records: Records, nonce: string, blake3: Blake3) {
    this.#records = records
    this.#nonce = nonce
    this.#blake3 = blake3
  }

  async get(ref: StreamRef): Promise<StreamRecord | undefined> {
    return this.#records.read(tables => {
      const stored = tables.streams.get(streamKey(ref))
      return stored && asStreamRecord(tables, stored)
    })
  }

  create(stream: NewStream): Promise<StreamRecord> {
    return this.#records.change(tables => {
      const known = tables.streams.get(streamKey(stream))
      if (known) return asStreamRecord(tables, known)
      const phase = { state: 'OPEN' } as const
      const stored: StoredStream = { ...stream, presentBlocks: 0, phase, trust: currentTrust(tables) }
      changeStream(tables, undefined, stored)
      return asStreamRecord(tables, stored)
    })
  }

  claim(ref: StreamRef, blob: string, block: StreamBlock): Promise<StreamClaim> {
    return this.#records.change(tables => {
      if (findStream(tables, ref, blob)?.phase.state !== 'OPEN') return 'closed'
      const known = getStreamBlock(tables.streamBlocks, blob, block.index)
      if (known && !sameBlock(known, block)) return 'conflict'
      if (known) return known.isPresent ? 'present' : 'claimed'
      putStreamBlock(tables.streamBlocks, blob, { ...block, isPresent: false })
      return 'claimed'
    })
  }

  commit(ref: StreamRef, blob: string, blocks: readonly BlockRange[]): Promise<StreamRecord | undefined> {
    return this.#records.change(tables => {
      const before = findStream(tables, ref, blob)
      if (before?.phase.state !== 'OPEN') return undefined
      const sum = this.#sum(tables, blob)
      let added = 0
      for (const index of blocks.flatMap(blockIndices)) {
        const block = getStreamBlock(tables.streamBlocks, blob, index)
        if (!block || block.isPresent) continue
        sum.add(index, block.length, block.digest)
        putStreamBlock(tables.streamBlocks, blob, { ...block, isPresent: true })
        added += 1
      }
      if (added === 0) return asStreamRecord(tables, before)
      tables.streamSums.put([blob], sum.toBytes())
      const after = { ...before, presentBlocks: before.presentBlocks + added }
      changeStream(tables, before, after)
      useReservation(tables, blob, this.#nonce, streamBytes(after) - streamBytes(before), false)
      return asStreamRecord(tables, after)
    })
  }

  settleDoubt(
    ref: StreamRef,
    blob: string,
    doubt: number,
    lost: readonly BlockRange[],
  ): Promise<StreamRecord | undefined> {
    return this.#records.change(tables => {
      const before = findStream(tables, ref, blob)
      if (before?.phase.state !== 'OPEN' || before.trust >= doubt)
        return before && asStreamRecord(tables, before)
      const after = { ...this.#withoutBlocks(tables, before, lost), trust: doubt }
      changeStream(tables, before, after)
      return asStreamRecord(tables, after)
    })
  }

  withdraw(ref: StreamRef, blob: string, blocks: readonly BlockRange[]): Promise<StreamRecord | undefined> {
    return this.#records.change(tables => {
      const before = findStream(tables, ref, blob)
      if (before?.phase.state !== 'OPEN') return undefined
      const after = this.#withoutBlocks(tables, before, blocks)
      changeStream(tables, before, after)
      return asStreamRecord(tables, after)
    })
  }

  async blocks(ref: StreamRef, blob: string, range: BlockRange): Promise<KnownStreamBlock[]> {
    return this.#records.read(tables =>
      findStream(tables, ref, blob) ? [...streamBlocks(tables.streamBlocks, blob, range)] : [],
    )
  }

  async blockMap(ref: StreamRef, blob: string): Promise<BlockMap | undefined> {
    return this.#records.read(tables => {
      const record = findStream(tables, ref, blob)
      if (!record || record.phase.state === 'SEALED') return undefined
      const present = [...streamBlocks(tables.streamBlocks, blob)].filter(({ isPresent }) => isPresent)
      const map = new BlockMap((present.at(-1)?.index ?? -1) + 1)
      for (const { index } of present) map.add([index, 1])
      return map
    })
  }

  seal(ref: StreamRef, blob: string, end: StreamEnd): Promise<SealOutcome | undefined> {
    return this.#records.change(tables => {
      const before = findStream(tables, ref, blob)
      if (!before) return undefined
      const { phase } = before
      if (phase.state !== 'OPEN') {
        const { content, size } = phase
        const isSame = content === end.content && size === end.size
        if (!isSame) return { objection: { kind: 'sealed-otherwise', content, size } }
        return { sealed: asStreamRecord(tables, before) }
      }
      const known = asStreamRecord(tables, before)
      if (known.doubt !== undefined) return { doubtful: known }
      const objection = sealObjection(streamBlocks(tables.streamBlocks, blob), this.#sum(tables, blob), end)
      if (objection) return { objection }
      const after: StoredStream = { ...before, phase: { state: 'SEALING', ...end } }
      changeStream(tables, before, after)
      return { sealed: asStreamRecord(tables, after) }
    })
  }

  async manifest(ref: StreamRef, blob: string): Promise<Uint8Array | undefined> {
    return this.#records.read(tables => {
      if (findStream(tables, ref, blob)?.phase.state !== 'SEALING') return undefined
      return Buffer.concat([...streamBlocks(tables.streamBlocks, blob)].map(({ digest }) => digest))
    })
  }

  finishSeal(ref: StreamRef, blob: string): Promise<void> {
    return this.#records.change(tables => {
      const before = findStream(tables, ref, blob)
      if (before?.phase.state !== 'SEALING') return
      changeStream(tables, before, { ...before, phase: { ...before.phase, state: 'SEALED' } })
      removeBlocks(tables, blob)
    })
  }

  async extend(ref: StreamRef, expiresAt: number): Promise<boolean> {
    const known = await this.get(ref)
    if (!known || known.expiresAt >= expiresAt) return known !== undefined
    return this.#records.change(tables => {
      const before = tables.streams.get(streamKey(ref))
      if (!before || before.expiresAt >= expiresAt) return before !== undefined
      changeStream(tables, before, { ...before, expiresAt })
      return true
    })
  }

  delete(ref: StreamRef, blob: string, expiredAt?: number): Promise<StreamRecord | undefined> {
    return this.#records.change(tables => {
      const record = findStream(tables, ref, blob)
      if (!record) return undefined
      const isUnused = expiredAt === undefined || (record.expiresAt <= expiredAt && !isReserved(tables, blob))
      if (!isUnused) return undefined
      changeStream(tables, record, undefined)
      removeBlocks(tables, blob)
      for (const key of [...tables.dependents.getKeys(keysUnder(streamKey(ref)))])
        tables.dependents.remove(key)
      return asStreamRecord(tables, record)
    })
  }

  addDependent(ref: StreamRef, key: EntryKey): Promise<void> {
    return this.#records.change(({ dependents }) => void dependents.put(dependentKey(ref, key), 1))
  }

  removeDependent(ref: StreamRef, key: EntryKey): Promise<void> {
    return this.#records.change(({ dependents }) => void dependents.remove(dependentKey(ref, key)))
  }

  async dependents(ref: StreamRef): Promise<EntryKey[]> {
    return this.#records.read(({ dependents }) =>
      [...dependents.getKeys(keysUnder(streamKey(ref)))].map(key => key.at(-1) as EntryKey),
    )
  }

  async *all(): AsyncIterable<StreamRecord> {
    yield* this.#records.pages(tables => tables.streams, asStreamRecord)
  }

  async expired(time: number, limit: number): Promise<StreamRecord[]> {
    return this.#records.read(tables =>
      [...tables.streamsByExpiry.getKeys({ ...keysUntil(time), limit })]
        .map(key => tables.streams.get(key.slice(-2)))
        .filter(stored => stored !== undefined)
        .map(stored => asStreamRecord(tables, stored)),
    )
  }

  #withoutBlocks(tables: Tables, before: StoredStream, blocks: readonly BlockRange[]): StoredStream {
    const { blob } = before
    const sum = this.#sum(tables, blob)
    let removed = 0
    for (const index of blocks.flatMap(blockIndices)) {
      const block = getStreamBlock(tables.streamBlocks, blob, index)
      if (!block?.isPresent) continue
      sum.remove(index, block.length, block.digest)
      putStreamBlock(tables.streamBlocks, blob, { ...block, isPresent: false })
      removed += 1
    }
    tables.streamSums.put([blob], sum.toBytes())
    return { ...before, presentBlocks: before.presentBlocks - removed }
  }

  #sum({ streamSums }: Tables, blob: string): Accumulator {
    return new Accumulator(this.#blake3, streamSums.get([blob]))
  }
}

function findStream({ streams }: Tables, ref: StreamRef, blob: string): StoredStream | undefined {
  const record = streams.get(streamKey(ref))
  return record?.blob === blob ? record : undefined
}

/** Writes a stream's record, with its place in the index and what it adds to the accounts. */
function changeStream(
  tables: Tables,
  before: StoredStream | undefined,
  after: StoredStream | undefined,
): void {
  accountStream(tables, before, after)
  moveKey(
    tables.streamsByExpiry,
    before && streamExpiryKey(before, before.expiresAt),
    after && streamExpiryKey(after, after.expiresAt),
  )
  if (after) tables.streams.put(streamKey(after), after)
  else if (before) tables.streams.remove(streamKey(before))
}

function removeBlocks(tables: Tables, blob: string): void {
  removePieces(tables.streamBlocks, blob)
  tables.streamSums.remove([blob])
}
