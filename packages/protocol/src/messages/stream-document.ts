import type { Static } from 'typebox'
import * as Type from 'typebox'
import { BlockRanges } from './content-document.js'
import { Hex64 } from './descriptor.js'

/** `u-<uuid>`, version 4, in lower case, as stream ids are written. */
export const StreamName = Type.String({
  pattern: '^u-[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$',
})

const StreamState = Type.Union([Type.Literal('OPEN'), Type.Literal('SEALED')])

/** A stream as the server holds it: a content of unknown length, until it is sealed. */
export const StreamDocument = Type.Object({
  id: StreamName,
  state: StreamState,
  present: BlockRanges,
  presentBlocks: Type.Integer({ minimum: 0 }),
  content: Type.Union([Hex64, Type.Null()], { description: 'What it was sealed to' }),
  unitBlocks: Type.Integer({ minimum: 1, description: 'Blocks that are stored only together' }),
  partBlocks: Type.Integer({ minimum: 1, description: 'Blocks of a part of the preferred size' }),
})
export type StreamDocument = Static<typeof StreamDocument>

/** The answer to a part of a stream. */
export const StreamPartAcknowledgement = Type.Object({
  state: StreamState,
  presentBlocks: Type.Integer({ minimum: 0 }),
  inFlight: Type.Optional(
    Type.Boolean({ description: 'The blocks are being received on another connection right now' }),
  ),
})
export type StreamPartAcknowledgement = Static<typeof StreamPartAcknowledgement>

/** The body of a seal: what the stream is, now that its maker knows. */
export const SealRequest = Type.Object(
  {
    size: Type.Integer({ minimum: 0, maximum: Number.MAX_SAFE_INTEGER, description: 'Bytes' }),
    content: Hex64,
  },
  { additionalProperties: false },
)
export type SealRequest = Static<typeof SealRequest>
