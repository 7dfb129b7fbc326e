import type { Static } from 'typebox'
import * as Type from 'typebox'
import { Hex64 } from './descriptor.js'

/** Ranges of blocks: index of the first, and how many. */
export const BlockRanges = Type.Array(
  Type.Tuple([Type.Integer({ minimum: 0 }), Type.Integer({ minimum: 1 })]),
)

/** A named content as the server holds it. */
export const ContentDocument = Type.Object({
  id: Hex64,
  size: Type.Integer({ minimum: 0, description: 'Bytes' }),
  state: Type.Union([Type.Literal('PARTIAL'), Type.Literal('COMPLETE')]),
  missing: BlockRanges,
  missingBlocks: Type.Integer({ minimum: 0 }),
  unitBlocks: Type.Integer({ minimum: 1, description: 'Blocks that are stored only together' }),
  partBlocks: Type.Integer({ minimum: 1, description: 'Blocks of a part of the preferred size' }),
})
export type ContentDocument = Static<typeof ContentDocument>

/** The answer to a part. */
export const PartAcknowledgement = Type.Object({
  missingBlocks: Type.Integer({ minimum: 0 }),
  state: Type.Union([Type.Literal('PARTIAL'), Type.Literal('COMPLETE')]),
  inFlight: Type.Optional(
    Type.Boolean({ description: 'The blocks are being received on another connection right now' }),
  ),
})
export type PartAcknowledgement = Static<typeof PartAcknowledgement>
