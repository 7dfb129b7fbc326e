/** What a number of connections may be. */
export const CONNECTIONS_RULE = 'a whole number from 1 to 256'

/** A number of connections as it was typed; undefined when it is none. */
export function connectionsOf(text: string): number | undefined {
  const connections = /^\d{1,3}$/.test(text) ? Number(text) : 0
  return connections >= 1 && connections <= 256 ? connections : undefined
}
