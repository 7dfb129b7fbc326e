import { BlockMap, type BlockRange, blockCount, type EntryKey } from '@opcache/protocol'
import type {
  ContentRecord,
  ContentRef,
  ContentStore,
  NewContent,
  Unused,
} from '../../ports/content-store.js'
import { contentBytes } from '../../ports/stored-bytes.js'
import type { Reservations } from './reservations.js'

interface StoredContent {
  record: ContentRecord
  readonly manifest: Uint8Array
  readonly map: BlockMap
}

/** Keeps contents in a map. Every method works in one turn of the event loop, which makes it atomic. */
export class MemoryContentStore implements ContentStore {
  readonly #contents = new Map<string, StoredContent>()
  readonly #dependents = new Map<string, Set<EntryKey>>()
  readonly #reservations: Reservations

  constructor(reservations: Reservations) {
    this.#reservations = reservations
  }

  get records(): ContentRecord[] {
    return [...this.#contents.values()].map(({ record }) => record)
  }

  async get(ref: ContentRef): Promise<ContentRecord | undefined> {
    return this.#contents.get(nameOf(ref))?.record
  }

  async declare(content: NewContent, manifest: Uint8Array): Promise<ContentRecord> {
    const known = this.#contents.get(nameOf(content))
    return known ? known.record : this.#store(content, manifest, new BlockMap(blockCount(content.size)))
  }

  async publish(
    content: NewContent,
    manifest: Uint8Array,
  ): Promise<{ record: ContentRecord; unused?: string }> {
    const known = this.#contents.get(nameOf(content))?.record
    const isKept = known?.missingBlocks === 0
    const record = isKept ? known : this.#store(content, manifest, fullMap(content.size))
    if (!isKept) this.#reservations.use(content.blob, content.size, true)
    const unused = isKept ? content.blob : known?.blob
    return unused === undefined || unused === record.blob ? { record } : { record, unused }
  }

  async manifest(ref: ContentRef, blob: string): Promise<Uint8Array | undefined> {
    return this.#find(ref, blob)?.manifest
  }

  async blockMap(ref: ContentRef, blob: string): Promise<BlockMap | undefined> {
    const map = this.#find(ref, blob)?.map
    return map && new BlockMap(map.blocks, map.toBytes())
  }

  async commitBlocks(
    ref: ContentRef,
    blob: string,
    blocks: readonly BlockRange[],
  ): Promise<{ record: ContentRecord; completed: boolean } | undefined> {
    const stored = this.#find(ref, blob)
    if (!stored) return undefined
    const added = blocks.reduce((sum, range) => sum + stored.map.add(range), 0)
    const before = stored.record
    stored.record = { ...before, missingBlocks: stored.map.missingBlocks }
    this.#reservations.use(blob, contentBytes(stored.record) - contentBytes(before), stored.map.isComplete)
    return { record: stored.record, completed: added > 0 && stored.map.isComplete }
  }

  /** Nothing outlives the process, so nothing is ever in doubt. */
  async settleDoubt(ref: ContentRef, blob: string): Promise<ContentRecord | undefined> {
    return this.#find(ref, blob)?.record
  }

  async withdraw(
    ref: ContentRef,
    blob: string,
    blocks: readonly BlockRange[],
  ): Promise<ContentRecord | undefined> {
    const stored = this.#find(ref, blob)
    if (!stored) return undefined
    for (const range of blocks) stored.map.remove(range)
    stored.record = { ...stored.record, missingBlocks: stored.map.missingBlocks }
    return stored.record
  }

  async extend(ref: ContentRef, expiresAt: number, heldUntil = 0): Promise<boolean> {
    const stored = this.#contents.get(nameOf(ref))
    if (!stored) return false
    const held = Math.max(heldUntil, stored.record.heldUntil ?? 0)
    stored.record = {
      ...stored.record,
      expiresAt: Math.max(expiresAt, stored.record.expiresAt),
      ...(held > 0 && { heldUntil: held }),
    }
    return true
  }

  async delete(ref: ContentRef, blob: string, unused?: Unused): Promise<boolean> {
    const stored = this.#find(ref, blob)
    if (!stored || (unused && this.#isInUse(stored.record, unused))) return false
    this.#dependents.delete(nameOf(ref))
    return this.#contents.delete(nameOf(ref))
  }

  async addDependent(ref: ContentRef, key: EntryKey): Promise<void> {
    const keys = this.#dependents.get(nameOf(ref)) ?? new Set()
    this.#dependents.set(nameOf(ref), keys.add(key))
  }

  async removeDependent(ref: ContentRef, key: EntryKey): Promise<void> {
    const keys = this.#dependents.get(nameOf(ref))
    if (keys?.delete(key) && keys.size === 0) this.#dependents.delete(nameOf(ref))
  }

  async dependents(ref: ContentRef): Promise<EntryKey[]> {
    return [...(this.#dependents.get(nameOf(ref)) ?? [])]
  }

  async *all(): AsyncIterable<ContentRecord> {
    yield* this.records
  }

  async expired(time: number, limit: number): Promise<ContentRecord[]> {
    return this.records
      .filter(record => record.expiresAt <= time)
      .sort((a, b) => a.expiresAt - b.expiresAt)
      .slice(0, limit)
  }

  #isInUse({ blob, expiresAt, heldUntil = 0 }: ContentRecord, unused: Unused): boolean {
    const isHeld = heldUntil > unused.at && heldUntil !== unused.over
    return isHeld || expiresAt > unused.expiredAt || this.#reservations.has(blob)
  }

  #find(ref: ContentRef, blob: string): StoredContent | undefined {
    const stored = this.#contents.get(nameOf(ref))
    return stored?.record.blob === blob ? stored : undefined
  }

  #store(content: NewContent, manifest: Uint8Array, map: BlockMap): ContentRecord {
    const record = { ...content, missingBlocks: map.missingBlocks }
    this.#contents.set(nameOf(content), { record, manifest: new Uint8Array(manifest), map })
    return record
  }
}

function nameOf(ref: ContentRef): string {
  return `${ref.space} ${ref.id}`
}

function fullMap(size: number): BlockMap {
  const map = new BlockMap(blockCount(size))
  map.add([0, map.blocks])
  return map
}
