import type { LackingOperation } from '@opcache/protocol'
import { brotli } from './brotli.js'
import { copy } from './copy.js'
import { gunzip } from './gunzip.js'
import { gzip } from './gzip.js'
import { nodeZstd } from './node-zstd.js'
import type { Operation } from './operation.js'
import { unbrotli } from './unbrotli.js'
import { unzstd } from './unzstd.js'
import { zstd } from './zstd.js'

const zstandard = [zstd, unzstd]

/** The operations that every server offers, and those that its Node has the means for. */
export const BUILTIN_OPERATIONS: readonly Operation[] = [
  copy,
  gzip,
  gunzip,
  brotli,
  unbrotli,
  ...(nodeZstd() ? zstandard : []),
]

/** Those that its Node has no means for, and what they need. */
export const LACKING_OPERATIONS: readonly LackingOperation[] = nodeZstd()
  ? []
  : zstandard.map(({ name }) => ({ name, needs: 'Node 22.15 or newer' }))
