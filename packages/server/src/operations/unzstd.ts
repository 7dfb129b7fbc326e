import * as Type from 'typebox'
import { expand } from './expand.js'
import { requireZstd, ZSTD_PARAMS } from './node-zstd.js'
import { defineOperation } from './operation.js'
import { zstdFrames } from './zstd-frames.js'

/** The largest window that is held in memory, as a power of two: what every decoder is to support (RFC 8878, 3.1.1.1.2). */
const WINDOW_LOG = 23

/** Expands a Zstandard source, of one frame or several. */
export const unzstd = defineOperation({
  name: 'unzstd',
  version: '1',
  summary: 'Expands a Zstandard source',
  params: Type.Object({}, { additionalProperties: false }),
  streaming: true,
  run: async context => {
    const unpacking = requireZstd().createZstdDecompress({
      params: { [ZSTD_PARAMS.windowLogMax]: WINDOW_LOG },
    })
    const damage = /^ZSTD_error_(?!memory_allocation|GENERIC)\w+$/
    await expand(context, { what: 'Zstandard file', unpacking, damage, cut: zstdFrames })
    return {}
  },
})
