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
import type { Reservations } from './reservations.js'

interface StoredStream {
  record: StreamRecord
  readonly blocks: Map<number, KnownStreamBlock>
  readonly sum: Accumulator
}

/** Keeps streams in a map. Every method works in one turn of the event loop, which makes it atomic. */
export class MemoryStreamStore implements StreamStore {
  readonly #blake3: Blake3
  readonly #streams = new Map<string, StoredStream>()
  readonly #dependents = new Map<string, Set<EntryKey>>()

  readonly #reservations: Reservations

  constructor(blake3: Blake3, reservations: Reservations) {
    this.#blake3 = blake3
    this.#reservations = reservations
  }

  get records(): StreamRecord[] {
    return [...this.#streams.values()].map(({ record }) => record)
  }

  async get(ref: StreamRef): Promise<StreamRecord | undefined> {
    return this.#streams.get(nameOf(ref))?.record
  }

  async create(stream: NewStream): Promise<StreamRecord> {
    const known = this.#streams.get(nameOf(stream))
    if (known) return known.record
    const record: StreamRecord = { ...stream, presentBlocks: 0, phase: { state: 'OPEN' } }
    this.#streams.set(nameOf(stream), { record, blocks: new Map(), sum: new Accumulator(this.#blake3) })
    return record
  }

  async claim(ref: StreamRef, blob: string, block: StreamBlock): Promise<StreamClaim> {
    const stored = this.#find(ref, blob)
    if (stored?.record.phase.state !== 'OPEN') return 'closed'
    const known = stored.blocks.get(block.index)
    if (known && !sameBlock(known, block)) return 'conflict'
    if (known?.isPresent) return 'present'
    stored.blocks.set(block.index, { ...block, digest: new Uint8Array(block.digest), isPresent: false })
    return 'claimed'
  }

  async commit(
    ref: StreamRef,
    blob: string,
    blocks: readonly BlockRange[],
  ): Promise<StreamRecord | undefined> {
    const stored = this.#find(ref, blob)
    if (stored?.record.phase.state !== 'OPEN') return undefined
    let added = 0
    for (const index of blocks.flatMap(blockIndices)) {
      const block = stored.blocks.get(index)
      if (!block || block.isPresent) continue
      stored.blocks.set(index, { ...block, isPresent: true })
      stored.sum.add(index, block.length, block.digest)
      added += 1
    }
    const before = stored.record
    stored.record = { ...before, presentBlocks: before.presentBlocks + added }
    this.#reservations.use(blob, streamBytes(stored.record) - streamBytes(before), false)
    return stored.record
  }

  async blocks(ref: StreamRef, blob: string, [first, count]: BlockRange): Promise<KnownStreamBlock[]> {
    const stored = this.#find(ref, blob)
    return ascending(stored).filter(({ index }) => index >= first && index < first + count)
  }

  async blockMap(ref: StreamRef, blob: string): Promise<BlockMap | undefined> {
    const stored = this.#find(ref, blob)
    if (!stored || stored.record.phase.state === 'SEALED') return undefined
    const present = ascending(stored).filter(({ isPresent }) => isPresent)
    const map = new BlockMap((present.at(-1)?.index ?? -1) + 1)
    for (const { index } of present) map.add([index, 1])
    return map
  }

  async seal(ref: StreamRef, blob: string, end: StreamEnd): Promise<SealOutcome | undefined> {
    const stored = this.#find(ref, blob)
    if (!stored) return undefined
    const { phase } = stored.record
    if (phase.state !== 'OPEN') {
      const { content, size } = phase
      const isSame = content === end.content && size === end.size
      return isSame ? { sealed: stored.record } : { objection: { kind: 'sealed-otherwise', content, size } }
    }
    const objection = sealObjection(ascending(stored), stored.sum, end)
    if (objection) return { objection }
    stored.record = { ...stored.record, phase: { state: 'SEALING', ...end } }
    return { sealed: stored.record }
  }

  /** Nothing outlives the process, so nothing is ever in doubt. */
  async settleDoubt(ref: StreamRef, blob: string): Promise<StreamRecord | undefined> {
    return this.#find(ref, blob)?.record
  }

  async withdraw(
    ref: StreamRef,
    blob: string,
    blocks: readonly BlockRange[],
  ): Promise<StreamRecord | undefined> {
    const stored = this.#find(ref, blob)
    if (stored?.record.phase.state !== 'OPEN') return undefined
    let removed = 0
    for (const index of blocks.flatMap(blockIndices)) {
      const block = stored.blocks.get(index)
      if (!block?.isPresent) continue
      stored.blocks.set(index, { ...block, isPresent: false })
      stored.sum.remove(index, block.length, block.digest)
      removed += 1
    }
    stored.record = { ...stored.record, presentBlocks: stored.record.presentBlocks - removed }
    return stored.record
  }

  async manifest(ref: StreamRef, blob: string): Promise<Uint8Array | undefined> {
    const stored = this.#find(ref, blob)
    if (stored?.record.phase.state !== 'SEALING') return undefined
    return Buffer.concat(ascending(stored).map(({ digest }) => digest))
  }

  async finishSeal(ref: StreamRef, blob: string): Promise<void> {
    const stored = this.#find(ref, blob)
    if (stored?.record.phase.state !== 'SEALING') return
    stored.record = { ...stored.record, phase: { ...stored.record.phase, state: 'SEALED' } }
    stored.blocks.clear()
  }

  async extend(ref: StreamRef, expiresAt: number): Promise<boolean> {
    const stored = this.#streams.get(nameOf(ref))
    if (stored && expiresAt > stored.record.expiresAt) stored.record = { ...stored.record, expiresAt }
    return stored !== undefined
  }

  async delete(ref: StreamRef, blob: string, expiredAt?: number): Promise<StreamRecord | undefined> {
    const stored = this.#find(ref, blob)
    if (!stored) return undefined
    const isUnused =
      expiredAt === undefined || (stored.record.expiresAt <= expiredAt && !this.#reservations.has(blob))
    if (!isUnused) return undefined
    this.#dependents.delete(nameOf(ref))
    this.#streams.delete(nameOf(ref))
    return stored.record
  }

  async addDependent(ref: StreamRef, key: EntryKey): Promise<void> {
    const keys = this.#dependents.get(nameOf(ref)) ?? new Set()
    this.#dependents.set(nameOf(ref), keys.add(key))
  }

  async removeDependent(ref: StreamRef, key: EntryKey): Promise<void> {
    const keys = this.#dependents.get(nameOf(ref))
    if (keys?.delete(key) && keys.size === 0) this.#dependents.delete(nameOf(ref))
  }

  async dependents(ref: StreamRef): Promise<EntryKey[]> {
    return [...(this.#dependents.get(nameOf(ref)) ?? [])]
  }

  async *all(): AsyncIterable<StreamRecord> {
    yield* this.records
  }

  async expired(time: number, limit: number): Promise<StreamRecord[]> {
    return this.records
      .filter(record => record.expiresAt <= time)
      .sort((a, b) => a.expiresAt - b.expiresAt)
      .slice(0, limit)
  }

  #find(ref: StreamRef, blob: string): StoredStream | undefined {
    const stored = this.#streams.get(nameOf(ref))
    return stored?.record.blob === blob ? stored : undefined
  }
}

function ascending(stored: StoredStream | undefined): KnownStreamBlock[] {
  return [...(stored?.blocks.values() ?? [])].sort((a, b) => a.index - b.index)
}

function nameOf(ref: StreamRef): string {
  return `${ref.space} ${ref.id}`
}
