import { HEADERS } from '@opcache/protocol'

/** The header that confines a request to the caller's private space, where it is to be. */
export function spaceHeader(isPrivate: boolean): Record<string, string> {
  return isPrivate ? { [HEADERS.space]: 'private' } : {}
}
