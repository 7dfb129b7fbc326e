import type { ClientRequest, Agent as HttpAgent, RequestOptions } from 'node:http'
import type { RateLimit } from './rate-limit.js'
import type { ServerAddress } from './server-address.js'

/** What all requests of a client share. */
export interface Line {
  /** Begins a request by the protocol of the server's address. */
  readonly request: (url: string, options: RequestOptions) => ClientRequest
  /** The connections that are kept. */
  readonly agent: HttpAgent
  /** The Unix socket to connect to in place of the address. */
  readonly socketPath?: string | undefined
  readonly rateLimit?: RateLimit | undefined
}

/** The line to a server. Most starts are spared TLS, which takes a while to load. */
export async function openLine(
  { base, socketPath }: ServerAddress,
  rateLimit: RateLimit | undefined,
): Promise<Line> {
  const { request, Agent } = base.startsWith('https:')
    ? await import('node:https')
    : await import('node:http')
  return { request, agent: new Agent({ keepAlive: true }), socketPath, rateLimit }
}
