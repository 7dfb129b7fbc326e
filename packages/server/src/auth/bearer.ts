import { ProtocolError } from '@opcache/protocol'

/** The token of an `Authorization` header (RFC 6750, 2.1). @throws ProtocolError `unauthenticated` without one */
export function bearerToken(authorization: string | undefined): string {
  const token = /^bearer +([\w.~+/-]+=*) *$/i.exec(authorization ?? '')?.[1]
  if (token === undefined) throw unauthenticated()
  return token
}

/** Alike for whatever is wrong with a credential: who guesses learns nothing. */
export function unauthenticated(): ProtocolError {
  return new ProtocolError(
    'unauthenticated',
    'This server takes no request without a token that is valid here. Send one: "Authorization: Bearer ...".',
  )
}
