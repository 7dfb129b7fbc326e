/** Where an entry stands in its user's list: the newest first, then by space and key. */
export type EntryPosition = readonly [createdAt: number, space: string, key: string]

/** The cursor of the page that follows the entry at `position`. Clients must not look inside. */
export function formatEntryCursor(position: EntryPosition): string {
  return Buffer.from(JSON.stringify(position)).toString('base64url')
}

/** The position in a cursor, or undefined: cursors come back from clients, so everything is checked. */
export function parseEntryCursor(cursor: string): EntryPosition | undefined {
  let value: unknown
  try {
    value = JSON.parse(Buffer.from(cursor, 'base64url').toString())
  } catch {
    return undefined
  }
  if (!Array.isArray(value) || value.length !== 3) return undefined
  const [createdAt, space, key] = value as unknown[]
  const isPosition = typeof createdAt === 'number' && isKeyText(space) && isKeyText(key)
  return isPosition ? [createdAt, space, key] : undefined
}

/** Orders positions: negative when `a` comes before `b`. */
export function compareEntryPositions(a: EntryPosition, b: EntryPosition): number {
  return b[0] - a[0] || compareText(a[1], b[1]) || compareText(a[2], b[2])
}

/** Printable ASCII of a bounded length: stores have limits on what a key may be. */
function isKeyText(value: unknown): value is string {
  return typeof value === 'string' && /^[\x20-\x7e]{1,8192}$/.test(value)
}

function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}
