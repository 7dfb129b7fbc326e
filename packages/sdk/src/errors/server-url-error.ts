import { OpcacheError } from './opcache-error.js'

/** The address of the server is none. */
export class ServerUrlError extends OpcacheError {
  override readonly name = 'ServerUrlError'
  readonly code = 'bad-server-url'

  constructor(readonly url: string) {
    super(
      `"${withoutCredentials(url)}" is not the address of a server. Give one like http://127.0.0.1:7077, https://cache.example.org or unix:/run/opcache.sock.`,
    )
  }
}

/** Messages end up in logs. Callers without types may have given anything. */
function withoutCredentials(url: unknown): string {
  return String(url).replace(/\/\/[^/]*@/, '//***@')
}

export function isServerUrlError(error: unknown): error is ServerUrlError {
  return error instanceof Error && error.name === 'ServerUrlError'
}
