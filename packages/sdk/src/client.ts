import type { Capabilities } from '@opcache/protocol'
import { readCapabilities } from './entry/capabilities.js'
import { IdentityIndex } from './identify/identity-index.js'
import type { OpcacheOptions } from './options.js'
import type { Call } from './transport/call.js'
import { Connection } from './transport/connection.js'
import type { PaceLimits } from './upload/pace.js'
import { UploadPace } from './upload/upload-pace.js'

const ADAPTIVE: PaceLimits = { min: 1, max: 16 }

/** What the stages of all calls of one client share. */
export class Client {
  readonly connection: Connection
  /** How many parts are sent in parallel. */
  readonly pace: UploadPace
  /** What is known of files that were hashed before. */
  readonly identities: IdentityIndex | undefined
  #capabilities: Capabilities | undefined

  /** @throws ServerUrlError */
  constructor(options: OpcacheOptions) {
    this.connection = new Connection(options)
    this.identities =
      options.identityFolder === undefined ? undefined : new IdentityIndex(options.identityFolder)
    this.pace = new UploadPace(paceLimits(options.concurrency))
  }

  /** What the server can do; asked once. */
  async capabilities(call: Call): Promise<Capabilities> {
    this.#capabilities ??= await readCapabilities(this.connection, call)
    return this.#capabilities
  }
}

function paceLimits(concurrency: OpcacheOptions['concurrency']): PaceLimits {
  const { min, max } =
    typeof concurrency === 'number' ? { min: concurrency, max: concurrency } : (concurrency ?? ADAPTIVE)
  const least = Math.max(1, Math.floor(min))
  return { min: least, max: Math.max(least, Math.floor(max)) }
}
