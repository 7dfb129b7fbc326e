import { type Capabilities, type EntryDocument, parseEntryKey } from '@opcache/protocol'
import { Client } from './client.js'
import { ask, refreshedAttempt } from './entry/ask.js'
import { readCapabilities } from './entry/capabilities.js'
import { deleteEntry } from './entry/delete-entry.js'
import { listEntries } from './entry/list-entries.js'
import { readEntry } from './entry/open-entry.js'
import type { Opened } from './entry/opened.js'
import { isPrivateEntry, planEntry } from './entry/plan-entry.js'
import { retryEntry } from './entry/retry-entry.js'
import type { Identified } from './identify/identified.js'
import { identifyIn } from './identify/identify.js'
import type {
  CallOptions,
  ContactOptions,
  FollowOptions,
  ListOptions,
  OpcacheOptions,
  OpenOptions,
  OperationCall,
  RunOptions,
  WaitOptions,
} from './options.js'
import { FetchableResult } from './run/cached-result.js'
import { type FollowedRun, follow } from './run/follow.js'
import { resultOf, run } from './run/run.js'
import type { CachedResult, RunResult, UploadReport } from './run/run-result.js'
import type { Source } from './source/source.js'
import { callOf } from './transport/call.js'

/**
 * A client of one server. `run` is the whole job; its stages are there on their own.
 *
 * @example
 * const cache = new Opcache({ server: 'http://127.0.0.1:7077' })
 * await cache.run('photo.jpg', { name: 'convert', params: { to: 'webp' } }, { output: 'photo.webp' })
 */
export class Opcache {
  readonly #client: Client

  /** @throws ServerUrlError */
  constructor(options: OpcacheOptions) {
    this.#client = new Client(options)
  }

  /**
   * Hashes the source, asks for the result, uploads what is missing, waits, and writes the result to `output` or lets it
   * be fetched.
   *
   * @throws OpcacheError of any kind; the signal's reason when it was aborted.
   */
  run(source: Source, operation: OperationCall, options: RunOptions = {}): Promise<RunResult> {
    return run(this.#client, source, operation, options)
  }

  /**
   * Uploads a source while it is read, and hands out the result while it is made: a streaming operation writes output
   * before its input has ended, and no more than some blocks of either are held. With another operation the output comes
   * when it is done.
   *
   * @example
   * const { output, done } = cache.follow(process.stdin, 'gzip')
   * await Promise.all([pipeline(output, createWriteStream('big.log.gz')), done])
   *
   * @throws nothing; `done` rejects with an OpcacheError of any kind, and `output` is destroyed with it.
   */
  follow(source: Source, operation: OperationCall, options: FollowOptions = {}): FollowedRun {
    return follow(this.#client, source, operation, options)
  }

  /** Hashes a source; needs no server. Close what it gives. @throws SourceError, SourceChangedError */
  identify(source: Source, options: CallOptions = {}): Promise<Identified> {
    return identifyIn(source, callOf(options), this.#client.identities)
  }

  /**
   * Asks for an entry in one request: `entry.state` tells whether the result is there, being made, or what of the source
   * is missing.
   *
   * @throws NotCachedError with `onlyIfCached`
   */
  async open(identified: Identified, operation: OperationCall, options: OpenOptions = {}): Promise<Opened> {
    const call = callOf(options)
    const plan = await planEntry(this.#client, call, identified.id, operation, options)
    const refresh = await refreshedAttempt(this.#client, call, plan, options)
    const entry = await ask(this.#client, call, plan, options, { source: identified.id, refresh })
    return { ...plan, entry, identified }
  }

  /** Sends what the server lacks of the source of an opened entry. @throws SourceChangedError */
  async upload({ entry, identified, isPrivate }: Opened, options: CallOptions = {}): Promise<UploadReport> {
    const call = callOf(options)
    if (entry.state !== 'UPLOADING') return { uploadedBytes: 0, uploadedBlocks: 0 }
    const { uploadContent } = await import('./beyond-hits.js')
    return uploadContent(this.#client, call, { identified, isPrivate, known: entry.source })
  }

  /** Waits until an entry is complete. @throws OperationFailedError, WaitTimeoutError, RequestError `entry-not-found` */
  async wait(key: string, options: WaitOptions = {}): Promise<EntryDocument> {
    const { waitForEntry } = await import('./beyond-hits.js')
    return waitForEntry(this.#client.connection, callOf(options), key, options.waitTimeoutMs)
  }

  /** Waits for an entry and gives its result; the key alone is enough, in any process. @throws as {@link wait} */
  async result(key: string, options: WaitOptions = {}): Promise<CachedResult> {
    const entry = await this.wait(key, options)
    const entryKey = parseEntryKey(entry.key)
    const target = { result: resultOf(entry), isPrivate: isPrivateEntry(entry.descriptor) }
    if (!entryKey) throw new TypeError(`The server names the entry ${key} "${entry.key}".`)
    return new FetchableResult(this.#client, { ...target, key: entryKey })
  }

  /** The entry as it stands. @throws RequestError `entry-not-found` */
  async status(key: string, options: CallOptions = {}): Promise<EntryDocument> {
    return readEntry(this.#client.connection, callOf(options), key)
  }

  /**
   * Runs a failed operation again, from the source that the server has; the key alone is enough. `state` is `UPLOADING`
   * where the source is no longer stored: it has to be run from the source then.
   *
   * @throws RequestError `entry-not-found`
   */
  async retry(key: string, options: CallOptions = {}): Promise<EntryDocument> {
    return retryEntry(this.#client, callOf(options), key)
  }

  /** The caller's entries, the newest first, asked for as they are iterated. */
  list(options: ListOptions = {}): AsyncGenerator<EntryDocument, void, undefined> {
    return listEntries(this.#client.connection, options)
  }

  /** Forgets an entry and cancels what runs for it. @throws RequestError `entry-not-found` */
  async delete(key: string, options: CallOptions = {}): Promise<void> {
    await deleteEntry(this.#client.connection, callOf(options), key)
  }

  /** What the server can do for this caller. */
  async capabilities(options: ContactOptions = {}): Promise<Capabilities> {
    return readCapabilities(this.#client.connection, callOf(options))
  }

  /** Closes idle connections. They never keep a process alive, so this only helps a server to stop at once. */
  close(): void {
    this.#client.connection.close()
  }
}
