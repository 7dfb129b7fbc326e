declare const spaceId: unique symbol

/** Names the border inside which contents, entries and results see each other; opaque to drivers. */
export type SpaceId = string & { readonly [spaceId]: true }

/** A namespace's shared space, or one user's private space in it. */
export function spaceOf(namespace: string, privateUser?: string): SpaceId {
  const user = privateUser === undefined ? '' : `~${encodeURIComponent(privateUser)}`
  return `${encodeURIComponent(namespace)}/${user}` as SpaceId
}
