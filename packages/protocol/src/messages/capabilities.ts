import type { Static } from 'typebox'
import * as Type from 'typebox'

/** An operation that the server offers. */
export const OperationDocument = Type.Object({
  name: Type.String(),
  version: Type.String(),
  summary: Type.String(),
  streaming: Type.Boolean(),
  params: Type.Unknown({ description: 'JSON Schema of the parameters' }),
  missing: Type.Optional(
    Type.String({ description: 'A tool that it needs and that the server does not have' }),
  ),
  partlyMissing: Type.Optional(
    Type.Array(Type.String(), {
      description: 'Tools that some of its work needs and that the server does not have',
    }),
  ),
})
export type OperationDocument = Static<typeof OperationDocument>

/** An operation that the server does not offer, since something is missing there. */
export const LackingOperation = Type.Object({
  name: Type.String(),
  needs: Type.String({ description: 'What the server would have to have, in words' }),
})
export type LackingOperation = Static<typeof LackingOperation>

/** What a server can do, for this caller. */
export const Capabilities = Type.Object({
  protocol: Type.Literal(1),
  blockBytes: Type.Integer(),
  unitBlocks: Type.Integer(),
  partBlocks: Type.Integer({ description: 'Blocks of a part of the preferred size' }),
  maxPartBlocks: Type.Integer({ description: 'Blocks of the largest part' }),
  maxContentBytes: Type.Integer(),
  maxJsonBytes: Type.Integer(),
  maxWaitSeconds: Type.Integer(),
  resultHoldSeconds: Type.Integer(),
  entryTtlSeconds: Type.Integer(),
  failureTtlSeconds: Type.Integer(),
  contentTtlSeconds: Type.Integer(),
  operations: Type.Array(OperationDocument),
  lacking: Type.Optional(Type.Array(LackingOperation)),
  caller: Type.Object({ namespace: Type.String(), user: Type.String(), scopes: Type.Array(Type.String()) }),
})
export type Capabilities = Static<typeof Capabilities>
