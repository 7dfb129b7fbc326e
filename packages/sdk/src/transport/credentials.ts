import type { OpcacheOptions } from '../options.js'

/** The token of a client. */
export class Credentials {
  readonly #token: OpcacheOptions['token']
  #current: Promise<string> | undefined

  constructor(token: OpcacheOptions['token']) {
    this.#token = token
  }

  /** Whether another token may be had after one was refused. */
  get isRenewable(): boolean {
    return typeof this.#token === 'function'
  }

  /** The headers that carry the token, if there is one. */
  async headers(): Promise<Record<string, string>> {
    if (this.#token === undefined) return {}
    this.#current ??= this.#ask(this.#token)
    return { authorization: `Bearer ${await this.#current}` }
  }

  /** Forgets the token that `refused` carried, so that the next request asks for another one. */
  async renew(refused: Record<string, string>): Promise<void> {
    const current = await this.headers()
    if (current.authorization === refused.authorization) this.#current = undefined
  }

  #ask(token: NonNullable<OpcacheOptions['token']>): Promise<string> {
    const asked = Promise.resolve(typeof token === 'function' ? token() : token)
    asked.catch(() => {
      this.#current = undefined
    })
    return asked
  }
}
