import type { Static } from 'typebox'
import * as Type from 'typebox'

/** 64 lower-case hex digits, as content ids and derived entry keys are written. */
export const Hex64 = Type.String({ pattern: '^[0-9a-f]{64}$' })

/** Operation names: lower-case words joined by `-`, `.` or `_`. */
export const OperationName = Type.String({ pattern: '^[a-z0-9][a-z0-9._-]{0,63}$' })

/** What an entry key is derived from. */
export const Descriptor = Type.Object(
  {
    v: Type.Literal(1),
    content: Type.Optional(Hex64),
    resource: Type.Optional(
      Type.Object(
        { name: Type.String({ minLength: 1, maxLength: 1024 }), version: Type.String({ maxLength: 256 }) },
        { additionalProperties: false },
      ),
    ),
    operation: Type.Object(
      { name: OperationName, params: Type.Record(Type.String(), Type.Unknown()) },
      { additionalProperties: false },
    ),
    user: Type.Optional(Type.String({ minLength: 1, maxLength: 256 })),
    salt: Type.Optional(Type.String({ minLength: 1, maxLength: 256 })),
  },
  { additionalProperties: false },
)
export type Descriptor = Static<typeof Descriptor>
