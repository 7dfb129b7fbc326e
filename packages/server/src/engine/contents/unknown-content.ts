import { ProtocolError } from '@opcache/protocol'

/** Unknown ids, malformed ones and those of others are told alike. */
export function unknownContent(): ProtocolError {
  return new ProtocolError('content-not-found', 'There is no such content.')
}
