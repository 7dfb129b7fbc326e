// Content ids of 256 MiB in memory, by both engines, beside SHA-256 of the same bytes.
import { createHash } from 'node:crypto'
import { hashContent, loadNative, loadPortable } from '@opcache/protocol'
import { inTurns, report } from './measure.mjs'

const bytes = Buffer.alloc(256 << 20, 'opcache')
const native = await loadNative()
const portable = await loadPortable()

const seconds = await inTurns(5, {
  'SHA-256': () => createHash('sha256').update(bytes).digest(),
  'content id, native': () => hashContent(native, bytes),
  'content id, portable': () => hashContent(portable, bytes),
})
report(seconds, 'content id, native', bytes.length)
