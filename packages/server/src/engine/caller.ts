import { ProtocolError } from '@opcache/protocol'
import { type SpaceId, spaceOf } from '../ports/space.js'

/** What a credential may allow. */
export type Scope = 'read' | 'upload' | 'execute' | 'admin'

/** Who asks: read from the credential. */
export interface Caller {
  readonly namespace: string
  readonly user: string
  readonly scopes: readonly Scope[]
}

/** The one caller of a server without authentication. */
export const LOCAL_CALLER: Caller = {
  namespace: 'default',
  user: 'local',
  scopes: ['read', 'upload', 'execute', 'admin'],
}

/** @throws ProtocolError `forbidden` when the caller lacks one of `scopes`. */
export function requireScopes(caller: Caller, ...scopes: Scope[]): void {
  const missing = scopes.filter(scope => !caller.scopes.includes(scope))
  if (missing.length > 0) {
    throw new ProtocolError('forbidden', `The credentials lack the scope ${missing.join(' and ')}.`)
  }
}

/** The caller's private space, or the shared one of its namespace. */
export function callerSpace(caller: Caller, isPrivate: boolean): SpaceId {
  return isPrivate ? spaceOf(caller.namespace, caller.user) : spaceOf(caller.namespace)
}
