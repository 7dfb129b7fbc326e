import type { ErrorCode } from '@opcache/protocol'
import type { TSchema } from 'typebox'

/** What a body is: a document of a schema, bytes, events, text, or nothing. */
export type Body = TSchema | 'bytes' | 'events' | 'text' | 'nothing'

/** A header or a query parameter that a route looks at. */
export interface DocumentedParameter {
  readonly name: string
  readonly in: 'header' | 'query'
  readonly summary: string
  readonly isRequired?: boolean
}

/** What a route takes and answers. */
export interface DocumentedRoute {
  readonly summary: string
  readonly isOpen?: boolean
  readonly parameters?: readonly DocumentedParameter[]
  readonly body?: Body
  /** By status; several bodies where the request or the state decides. */
  readonly answers: Readonly<Record<number, readonly Body[]>>
  /** Beside those that every route may answer. */
  readonly errors?: readonly ErrorCode[]
}
