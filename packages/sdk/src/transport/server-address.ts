import { ServerUrlError } from '../errors/server-url-error.js'

/** Where a server is. */
export interface ServerAddress {
  /** As the user wrote it, for messages. */
  readonly text: string
  /** What a path is appended to. */
  readonly base: string
  /** The Unix socket that the server listens on, where it is one. */
  readonly socketPath?: string
}

/**
 * Reads `http://host:port`, `https://host/prefix` or `unix:/path/to.sock`.
 *
 * @throws ServerUrlError
 */
export function parseServerAddress(text: string): ServerAddress {
  const socketPath = /^unix:(?:\/\/)?(\/[^:]+)$/.exec(text)?.[1]
  if (socketPath) return { text, base: 'http://localhost', socketPath }
  const url = URL.canParse(text) ? new URL(text) : undefined
  const isUsable =
    url !== undefined &&
    ['http:', 'https:'].includes(url.protocol) &&
    url.hostname !== '' &&
    `${url.username}${url.password}${url.search}${url.hash}` === ''
  if (!isUsable) throw new ServerUrlError(text)
  return { text, base: `${url.origin}${url.pathname.replace(/\/+$/, '')}` }
}
