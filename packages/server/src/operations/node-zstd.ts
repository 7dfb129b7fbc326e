import type { Transform } from 'node:stream'
import * as zlib from 'node:zlib'

/** What `node:zlib` has of Zstandard, from Node 22.15 on; the types of Node 20 do not know it. */
export interface NodeZstd {
  createZstdCompress(options: { params: Record<number, number> }): Transform
  createZstdDecompress(options: { params: Record<number, number> }): Transform & { bytesWritten: number }
}

/** ZSTD_c_compressionLevel, ZSTD_c_checksumFlag and ZSTD_d_windowLogMax of zstd.h. */
export const ZSTD_PARAMS = { level: 100, checksum: 201, windowLogMax: 100 } as const

/** Undefined where Node is too old for it. */
export function nodeZstd(): NodeZstd | undefined {
  return 'createZstdCompress' in zlib ? (zlib as unknown as NodeZstd) : undefined
}

/** @throws Error where Node is too old: then nothing that asks for it is offered */
export function requireZstd(): NodeZstd {
  const zstd = nodeZstd()
  if (zstd === undefined) throw new Error(`Zstandard needs Node 22.15 or newer; this is ${process.version}.`)
  return zstd
}
