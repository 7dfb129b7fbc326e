import type { Unfinished } from '../../ports/ledger.js'
import { contentBytes, streamBytes } from '../../ports/stored-bytes.js'
import { accountKey, keysUnder, type RecordKey, reservationKey } from './records/keys.js'
import type { StoredContent, StoredStream, Tables } from './records/tables.js'

/** What a record adds to what the store holds. */
interface Entered {
  readonly bytes: number
  readonly contents: number
  /** Whose it is while it is unfinished, and as what it counts. */
  readonly unfinished?: Unfinished & { readonly account: string }
}

/** Accounts for a change of a content. Undefined: it was not there before, or is not after. */
export function accountContent(
  tables: Tables,
  before: StoredContent | undefined,
  after: StoredContent | undefined,
): void {
  if (before) enter(tables, contentEntry(before), -1)
  if (after) enter(tables, contentEntry(after), 1)
}

/** Accounts for a change of a stream, likewise. */
export function accountStream(
  tables: Tables,
  before: StoredStream | undefined,
  after: StoredStream | undefined,
): void {
  if (before) enter(tables, streamEntry(before), -1)
  if (after) enter(tables, streamEntry(after), 1)
}

/** What the store holds, as far as records say it. A store of a time without this account has it made once. */
export function ensureAccounts(tables: Tables): void {
  const known = tables.holding.get('all')
  if (known?.reservedBytes !== undefined) return
  const reservedBytes = [...tables.reservations.getRange()].reduce((sum, { value }) => sum + value, 0)
  tables.holding.put('all', { bytes: 0, contents: 0, ...known, reservedBytes })
  if (known) return
  for (const { value } of tables.contents.getRange()) accountContent(tables, undefined, value)
  for (const { value } of tables.streams.getRange()) accountStream(tables, undefined, value)
}

/** Takes bytes that are stored now from the room that was reserved for them; where more may come, it stays reserved. */
export function useReservation(
  tables: Tables,
  blob: string,
  nonce: string,
  bytes: number,
  isComplete: boolean,
): void {
  const key = reservationKey(blob, nonce)
  const reserved = tables.reservations.get(key)
  if (reserved === undefined) return
  setReservation(tables, key, isComplete && reserved <= bytes ? undefined : Math.max(0, reserved - bytes))
}

/** Changes what is reserved, or ends a reservation, and accounts for it. */
export function setReservation(
  { reservations, holding }: Tables,
  key: RecordKey,
  bytes: number | undefined,
): void {
  const all = holding.get('all')!
  const before = reservations.get(key) ?? 0
  holding.put('all', { ...all, reservedBytes: all.reservedBytes + (bytes ?? 0) - before })
  if (bytes === undefined) reservations.remove(key)
  else reservations.put(key, bytes)
}

/** Whether some process has reserved room for a blob. */
export function isReserved({ reservations }: Tables, blob: string): boolean {
  return reservations.getKeysCount({ ...keysUnder([blob]), limit: 1 }) > 0
}

/** Gives back what a process had reserved. */
export function releaseAllOf(tables: Tables, nonce: string): void {
  for (const key of [...tables.reservations.getKeys()])
    if (key[1] === nonce) setReservation(tables, key, undefined)
}

function contentEntry(content: StoredContent): Entered {
  const bytes = contentBytes(content)
  const { account, missingBlocks } = content
  if (missingBlocks === 0 || account === undefined) return { bytes, contents: 1 }
  return { bytes, contents: 1, unfinished: { account, contents: 1, streams: 0, bytes } }
}

function streamEntry(stream: StoredStream): Entered {
  const bytes = streamBytes(stream)
  const { account, phase } = stream
  if (phase.state !== 'OPEN') return { bytes, contents: 0 }
  return { bytes, contents: 0, unfinished: { account, contents: 0, streams: 1, bytes } }
}

function enter(tables: Tables, { bytes, contents, unfinished }: Entered, sign: 1 | -1): void {
  const all = tables.holding.get('all')!
  tables.holding.put('all', {
    ...all,
    bytes: all.bytes + sign * bytes,
    contents: all.contents + sign * contents,
  })
  if (!unfinished) return
  const key = accountKey(unfinished.account)
  const known = tables.unfinished.get(key) ?? { contents: 0, streams: 0, bytes: 0 }
  const after: Unfinished = {
    contents: known.contents + sign * unfinished.contents,
    streams: known.streams + sign * unfinished.streams,
    bytes: known.bytes + sign * unfinished.bytes,
  }
  if (after.contents + after.streams > 0) tables.unfinished.put(key, after)
  else tables.unfinished.remove(key)
}
