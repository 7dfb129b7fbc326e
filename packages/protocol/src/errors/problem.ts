import type { Static } from 'typebox'
import * as Type from 'typebox'

/** An error as it travels: `application/problem+json` (RFC 9457) with a stable `code`. */
export const Problem = Type.Object({
  type: Type.String(),
  title: Type.String(),
  status: Type.Integer(),
  code: Type.String({ description: 'Stable code of the error table' }),
  detail: Type.String({ description: 'What happened, why and what to do' }),
  block: Type.Optional(
    Type.Integer({
      description:
        'block-mismatch, and content-mismatch for a part of a stream: index of the first bad block',
    }),
  ),
  deterministic: Type.Optional(Type.Boolean({ description: 'operation-failed: would the same fail again?' })),
})
export type Problem = Static<typeof Problem>
