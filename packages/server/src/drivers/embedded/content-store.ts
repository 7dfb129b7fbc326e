import { BlockMap, type BlockRange, blockCount, type EntryKey } from '@opcache/protocol'
import type {
  ContentRecord,
  ContentRef,
  ContentStore,
  NewContent,
  Unused,
} from '../../ports/content-store.js'
import { contentBytes } from '../../ports/stored-bytes.js'
import { accountContent, isReserved, useReservation } from './accounts.js'
import { addToPieces, joinPieces, takeFromPieces } from './block-map-pieces.js'
import { getManifest, putManifest, removePieces } from './manifest-pieces.js'
import { contentExpiryKey, contentKey, dependentKey, keysUnder, keysUntil } from './records/keys.js'
import { moveKey } from './records/move-key.js'
import type { Records } from './records/records.js'
import type { StoredContent, Tables } from './records/tables.js'
import { asContentRecord, currentTrust } from './trust.js'

/** Keeps contents. A map is kept only while blocks are missing. */
export class EmbeddedContentStore implements ContentStore {
  readonly #records: Records
  readonly #nonce: string

  constructor(records: Records, nonce: string) {
    this.#records = records
    this.#nonce = nonce
  }

  async get(ref: ContentRef): Promise<ContentRecord | undefined> {
    return this.#records.read(tables => {
      const stored = tables.contents.get(contentKey(ref))
      return stored && asContentRecord(tables, stored)
    })
  }

  async declare(content: NewContent, manifest: Uint8Array): Promise<ContentRecord> {
    // Most contents that are declared are known: seeing that needs no transaction.
    const known = await this.get(content)
    if (known) return known
    return this.#records.change(tables => {
      const meanwhile = tables.contents.get(contentKey(content))
      const stored = meanwhile ?? putContent(tables, content, manifest, blockCount(content.size))
      return asContentRecord(tables, stored)
    })
  }

  publish(content: NewContent, manifest: Uint8Array): Promise<{ record: ContentRecord; unused?: string }> {
    return this.#records.change(tables => {
      const known = tables.contents.get(contentKey(content))
      if (known?.missingBlocks === 0) return withUnused(asContentRecord(tables, known), content.blob)
      if (known) removeContent(tables, known)
      const stored = putContent(tables, content, manifest, 0)
      useReservation(tables, content.blob, this.#nonce, content.size, true)
      return withUnused(asContentRecord(tables, stored), known?.blob)
    })
  }

  async manifest(ref: ContentRef, blob: string): Promise<Uint8Array | undefined> {
    return this.#records.read(tables => findContent(tables, ref, blob) && getManifest(tables.manifests, blob))
  }

  async blockMap(ref: ContentRef, blob: string): Promise<BlockMap | undefined> {
    return this.#records.read(tables => {
      const record = findContent(tables, ref, blob)
      if (!record) return undefined
      const blocks = blockCount(record.size)
      return record.missingBlocks === 0 ? fullMap(blocks) : joinPieces(tables.blockMaps, blob, blocks)
    })
  }

  commitBlocks(
    ref: ContentRef,
    blob: string,
    blocks: readonly BlockRange[],
  ): Promise<{ record: ContentRecord; completed: boolean } | undefined> {
    return this.#records.change(tables => {
      const before = findContent(tables, ref, blob)
      const known = before && asContentRecord(tables, before)
      if (!before || !known) return undefined
      if (known.missingBlocks === 0 || known.doubt !== undefined) return { record: known, completed: false }
      const added = addToPieces(tables.blockMaps, blob, blockCount(before.size), blocks)
      if (added === 0) return { record: known, completed: false }
      const after = { ...before, missingBlocks: before.missingBlocks - added }
      const completed = after.missingBlocks === 0
      changeContent(tables, before, after)
      useReservation(tables, blob, this.#nonce, contentBytes(after) - contentBytes(before), completed)
      if (completed) removePieces(tables.blockMaps, blob)
      return { record: asContentRecord(tables, after), completed }
    })
  }

  settleDoubt(
    ref: ContentRef,
    blob: string,
    doubt: number,
    lost: readonly BlockRange[],
  ): Promise<ContentRecord | undefined> {
    return this.#records.change(tables => {
      const before = findContent(tables, ref, blob)
      if (!before) return undefined
      const isOpen = before.missingBlocks > 0 && before.trust < doubt
      if (!isOpen) return asContentRecord(tables, before)
      const taken = takeFromPieces(tables.blockMaps, blob, blockCount(before.size), lost)
      const after = { ...before, missingBlocks: before.missingBlocks + taken, trust: doubt }
      changeContent(tables, before, after)
      return asContentRecord(tables, after)
    })
  }

  withdraw(ref: ContentRef, blob: string, blocks: readonly BlockRange[]): Promise<ContentRecord | undefined> {
    return this.#records.change(tables => {
      const before = findContent(tables, ref, blob)
      if (!before || blocks.length === 0) return before && asContentRecord(tables, before)
      const count = blockCount(before.size)
      // A map is kept only while blocks are missing.
      if (before.missingBlocks === 0) addToPieces(tables.blockMaps, blob, count, [[0, count]])
      const taken = takeFromPieces(tables.blockMaps, blob, count, blocks)
      const after = { ...before, missingBlocks: before.missingBlocks + taken, trust: currentTrust(tables) }
      changeContent(tables, before, after)
      return asContentRecord(tables, after)
    })
  }

  async extend(ref: ContentRef, expiresAt: number, heldUntil = 0): Promise<boolean> {
    const known = await this.get(ref)
    if (!known || isKept(known, expiresAt, heldUntil)) return known !== undefined
    return this.#records.change(tables => {
      const before = tables.contents.get(contentKey(ref))
      if (!before || isKept(before, expiresAt, heldUntil)) return before !== undefined
      const held = Math.max(heldUntil, before.heldUntil ?? 0)
      changeContent(tables, before, {
        ...before,
        expiresAt: Math.max(expiresAt, before.expiresAt),
        ...(held > 0 && { heldUntil: held }),
      })
      return true
    })
  }

  delete(ref: ContentRef, blob: string, unused?: Unused): Promise<boolean> {
    return this.#records.change(tables => {
      const record = findContent(tables, ref, blob)
      if (!record || (unused && isInUse(tables, record, unused))) return false
      removeContent(tables, record)
      for (const key of [...tables.dependents.getKeys(keysUnder(contentKey(ref)))])
        tables.dependents.remove(key)
      return true
    })
  }

  addDependent(ref: ContentRef, key: EntryKey): Promise<void> {
    return this.#records.change(({ dependents }) => void dependents.put(dependentKey(ref, key), 1))
  }

  removeDependent(ref: ContentRef, key: EntryKey): Promise<void> {
    return this.#records.change(({ dependents }) => void dependents.remove(dependentKey(ref, key)))
  }

  async dependents(ref: ContentRef): Promise<EntryKey[]> {
    return this.#records.read(({ dependents }) =>
      [...dependents.getKeys(keysUnder(contentKey(ref)))].map(key => key.at(-1) as EntryKey),
    )
  }

  async *all(): AsyncIterable<ContentRecord> {
    yield* this.#records.pages(tables => tables.contents, asContentRecord)
  }

  async expired(time: number, limit: number): Promise<ContentRecord[]> {
    return this.#records.read(tables =>
      [...tables.contentsByExpiry.getKeys({ ...keysUntil(time), limit })]
        .map(key => tables.contents.get(key.slice(-2)))
        .filter(stored => stored !== undefined)
        .map(stored => asContentRecord(tables, stored)),
    )
  }
}

function findContent({ contents }: Tables, ref: ContentRef, blob: string): StoredContent | undefined {
  const record = contents.get(contentKey(ref))
  return record?.blob === blob ? record : undefined
}

function isKept({ expiresAt, heldUntil = 0 }: ContentRecord, until: number, held: number): boolean {
  return expiresAt >= until && heldUntil >= held
}

function isInUse(tables: Tables, { blob, expiresAt, heldUntil = 0 }: StoredContent, unused: Unused): boolean {
  const isHeld = heldUntil > unused.at && heldUntil !== unused.over
  return isHeld || expiresAt > unused.expiredAt || isReserved(tables, blob)
}

/** Writes a content's record, with its place in the index and what it adds to the accounts. */
function changeContent(
  tables: Tables,
  before: StoredContent | undefined,
  after: StoredContent | undefined,
): void {
  accountContent(tables, before, after)
  moveKey(
    tables.contentsByExpiry,
    before && contentExpiryKey(before, before.expiresAt),
    after && contentExpiryKey(after, after.expiresAt),
  )
  if (after) tables.contents.put(contentKey(after), after)
  else if (before) tables.contents.remove(contentKey(before))
}

function putContent(
  tables: Tables,
  content: NewContent,
  manifest: Uint8Array,
  missingBlocks: number,
): StoredContent {
  const record = { ...content, missingBlocks, trust: currentTrust(tables) }
  changeContent(tables, undefined, record)
  putManifest(tables.manifests, content.blob, manifest)
  return record
}

function removeContent(tables: Tables, record: StoredContent): void {
  changeContent(tables, record, undefined)
  removePieces(tables.manifests, record.blob)
  removePieces(tables.blockMaps, record.blob)
}

function withUnused(
  record: ContentRecord,
  blob: string | undefined,
): { record: ContentRecord; unused?: string } {
  return blob === undefined || blob === record.blob ? { record } : { record, unused: blob }
}

function fullMap(blocks: number): BlockMap {
  const map = new BlockMap(blocks)
  map.add([0, blocks])
  return map
}
