/** Bytes `start` to `end`, both included. */
export interface ByteRange {
  readonly start: number
  readonly end: number
}

/**
 * The one range that a `Range` header asks for (RFC 9110, 14.1.2). Undefined, so that everything is answered, for several
 * ranges at once, other units and what is malformed.
 */
export function parseByteRange(header: string, sizeBytes: number): ByteRange | 'unsatisfiable' | undefined {
  const [, first = '', last = ''] = /^bytes=[ \t]*(\d{0,15})-(\d{0,15})[ \t]*$/i.exec(header) ?? []
  if (first === '' && last === '') return undefined
  if (first === '') {
    const isSatisfiable = Number(last) > 0 && sizeBytes > 0
    return isSatisfiable
      ? { start: Math.max(0, sizeBytes - Number(last)), end: sizeBytes - 1 }
      : 'unsatisfiable'
  }
  const start = Number(first)
  if (last !== '' && Number(last) < start) return undefined
  const end = last === '' ? sizeBytes - 1 : Math.min(Number(last), sizeBytes - 1)
  return start < sizeBytes ? { start, end } : 'unsatisfiable'
}
