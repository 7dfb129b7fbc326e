import type { BigIntStats } from 'node:fs'

/** What tells one state of a file from another. */
export type FileFingerprint = Pick<BigIntStats, 'dev' | 'ino' | 'size' | 'mtimeNs' | 'ctimeNs'>

export function isSameFile(one: FileFingerprint, other: FileFingerprint): boolean {
  return (
    one.dev === other.dev &&
    one.ino === other.ino &&
    one.size === other.size &&
    one.mtimeNs === other.mtimeNs &&
    one.ctimeNs === other.ctimeNs
  )
}
