import type { Capabilities } from '@opcache/protocol'
import type { OpcacheOptions } from './options.js'
import { readCapabilities } from './stages/capabilities.js'
import type { Call } from './transport/call.js'
import { Connection } from './transport/connection.js'

/** What the stages of all calls of one client share. */
export class Client {
  readonly connection: Connection
  /** Parts sent in parallel. */
  readonly concurrency: number
  #capabilities: Capabilities | undefined

  /** @throws ServerUrlError */
  constructor(options: OpcacheOptions) {
    this.connection = new Connection(options)
    this.concurrency = Math.max(1, Math.floor(options.concurrency ?? 4))
  }

  /** What the server can do; asked once. */
  async capabilities(call: Call): Promise<Capabilities> {
    this.#capabilities ??= await readCapabilities(this.connection, call)
    return this.#capabilities
  }
}
