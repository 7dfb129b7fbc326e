import { brotli } from './brotli.js'
import { copy } from './copy.js'
import { gunzip } from './gunzip.js'
import { gzip } from './gzip.js'
import type { Operation } from './operation.js'

/** The operations that every server offers. */
export const BUILTIN_OPERATIONS: readonly Operation[] = [copy, gzip, gunzip, brotli]
