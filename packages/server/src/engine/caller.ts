import { ProtocolError } from '@opcache/protocol'
import { type SpaceId, spaceOf } from '../ports/space.js'

/** What a credential may allow. */
export const SCOPES = ['read', 'upload', 'execute', 'admin'] as const
export type Scope = (typeof SCOPES)[number]

export function isScope(name: unknown): name is Scope {
  return SCOPES.some(scope => scope === name)
}

/** The namespace of credentials that name none. */
export const DEFAULT_NAMESPACE = 'default'

/** Who asks: read from the credential. */
export interface Caller {
  readonly namespace: string
  readonly user: string
  readonly scopes: readonly Scope[]
}

/** The one caller of a server without authentication. */
export const LOCAL_CALLER: Caller = {
  namespace: DEFAULT_NAMESPACE,
  user: 'local',
  scopes: SCOPES,
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
