import { NotOpcacheError } from '../errors/not-opcache-error.js'
import { isRequestError } from '../errors/request-error.js'
import { ServerUnreachableError } from '../errors/server-unreachable-error.js'
import type { OpcacheOptions } from '../options.js'
import type { Call } from './call.js'
import { ConnectionGate, type Turn } from './connection-gate.js'
import { ConnectionLost } from './connection-lost.js'
import { Credentials } from './credentials.js'
import { type Answer, type Exchange, IDLE_TIMEOUT_MS } from './exchange.js'
import { type Line, openLine } from './line.js'
import { performExchange } from './perform-exchange.js'
import { permanentLoss } from './permanent-loss.js'
import { RateLimit } from './rate-limit.js'
import { assertIsOpcache, refusalOf } from './refusal.js'
import { parseServerAddress, type ServerAddress } from './server-address.js'

const RECONNECT_TIMEOUT_MS = 600_000

/** The turn of who tries once. */
const ONLY_TURN: Turn = { attempt: 0, progressed: () => undefined }

/** A client's way to its server: sockets, token and the gate that decides about retries. */
export class Connection {
  readonly #address: ServerAddress
  readonly #credentials: Credentials
  readonly #gate: ConnectionGate
  readonly #idleTimeoutMs: number
  readonly #rateLimit: RateLimit | undefined
  #line: Promise<Line> | undefined

  /** @throws ServerUrlError */
  constructor(options: OpcacheOptions) {
    this.#address = parseServerAddress(options.server)
    this.#credentials = new Credentials(options.token)
    this.#idleTimeoutMs = options.idleTimeoutMs ?? IDLE_TIMEOUT_MS
    this.#rateLimit = options.limitRate === undefined ? undefined : new RateLimit(options.limitRate)
    this.#gate = new ConnectionGate({
      reconnectTimeoutMs: options.reconnectTimeoutMs ?? RECONNECT_TIMEOUT_MS,
    })
  }

  /**
   * Does `work`, which sends requests with {@link send}, again as long as the connection is to blame for its failure and
   * the call is patient.
   *
   * @throws ServerUnreachableError once the budget is spent; whatever else `work` throws.
   */
  async attempt<T>(call: Call, work: (turn: Turn) => Promise<T>): Promise<T> {
    try {
      if (!call.isPatient) return await work(ONLY_TURN)
      return await this.#gate.run(work, {
        signal: call.signal,
        onWait: (attempt, retryInMs) =>
          call.progress.report({ phase: 'waiting-for-connection', attempt, retryInMs }),
      })
    } catch (error) {
      if (!(error instanceof ConnectionLost)) throw error
      throw new ServerUnreachableError(this.#address.text, error.message, error)
    }
  }

  /**
   * One request, once: to be called within {@link attempt}. `key` names the entry in errors.
   *
   * @throws RequestError, OperationFailedError, NotOpcacheError, ConnectionLost, the signal's reason
   */
  async send(exchange: Exchange, call: { signal: AbortSignal | undefined }, key?: string): Promise<Answer> {
    const credentials = await this.#credentials.headers()
    try {
      return await this.#sendOnce(exchange, credentials, call.signal, key)
    } catch (error) {
      const isRefused = isRequestError(error) && error.code === 'unauthenticated'
      if (!isRefused || !this.#credentials.isRenewable) throw error
      await this.#credentials.renew(credentials)
      return await this.#sendOnce(exchange, await this.#credentials.headers(), call.signal, key)
    }
  }

  /** A request whose answer is a JSON document, retried like {@link attempt}. */
  document<T>(exchange: Exchange, call: Call, key?: string): Promise<T> {
    return this.attempt(call, async () => this.readDocument<T>(await this.send(exchange, call, key)))
  }

  /** The JSON document that an answer carries. */
  async readDocument<T>(answer: Answer): Promise<T> {
    const text = Buffer.from(await answer.bytes()).toString()
    try {
      return JSON.parse(text) as T
    } catch (error) {
      throw new NotOpcacheError(this.#address.text, error)
    }
  }

  /** Closes idle connections. */
  close(): void {
    void this.#line?.then(({ agent }) => agent.destroy())
  }

  async #sendOnce(
    exchange: Exchange,
    credentials: Record<string, string>,
    signal: AbortSignal | undefined,
    key: string | undefined,
  ): Promise<Answer> {
    const url = `${this.#address.base}${exchange.path}`
    const headers = { ...exchange.headers, ...credentials }
    const idleTimeoutMs = this.#idleTimeoutMs
    this.#line ??= openLine(this.#address, this.#rateLimit)
    const line = await this.#line
    const answer = await performExchange(url, { ...exchange, headers, idleTimeoutMs }, line, signal).catch(
      error => {
        throw (error instanceof ConnectionLost && permanentLoss(error, this.#address.text)) || error
      },
    )
    // What stands on the way may answer this as well, so it comes first.
    if (answer.status === 417 && !exchange.isUnexpected) {
      answer.close()
      return this.#sendOnce({ ...exchange, isUnexpected: true }, credentials, signal, key)
    }
    assertIsOpcache(answer, this.#address.text)
    if (answer.status >= 400) throw await refusalOf(answer, key)
    return answer
  }
}
