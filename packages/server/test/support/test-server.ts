import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { BLOCK_BYTES, type Descriptor, PATHS } from '@opcache/protocol'
import { describe, expect, onTestFinished } from 'vitest'
import {
  type RunningServer,
  type ServerEvent,
  type ServerOptions,
  type Storage,
  startServer,
} from '../../src/index.js'
import { type Content, keyOf } from './content.js'
import { isUndocumented } from './documented-answers.js'
import { RawConnection } from './raw-connection.js'
import { type Answer, type Request, send } from './send.js'

export type StorageKind = 'memory' | 'embedded'

/** Says the same of both kinds of storage. */
export function describeStorages(name: string, body: (kind: StorageKind) => void): void {
  describe.each<StorageKind>(['memory', 'embedded'])(`${name}, %s storage`, body)
}

export type TestOptions = Partial<ServerOptions>

/** A real server on a free port, with the requests of the protocol as methods. */
export class TestServer {
  readonly events: ServerEvent[] = []

  private constructor(
    readonly storage: Storage,
    readonly server: RunningServer,
    events: ServerEvent[],
  ) {
    this.events = events
  }

  /** Starts a server that ends with the test. */
  static async start(kind: StorageKind | Storage, options: TestOptions = {}): Promise<TestServer> {
    const storage = kind === 'embedded' ? { folder: await temporaryFolder() } : kind
    const events: ServerEvent[] = []
    const server = await startServer({
      storage,
      port: 0,
      observe: event => void events.push(event),
      ...options,
      // What a test asks is to be answered, however busy its machine is, and what it leaves running is not waited for;
      // shedding load and closing have tests of their own.
      limits: { maxLoopDelayMs: Number.POSITIVE_INFINITY, attemptGraceMs: 0, ...options.limits },
    })
    onTestFinished(async () => {
      await server.close()
      expect(events.filter(event => event.kind === 'request-ended').filter(isUndocumented)).toEqual([])
    })
    return new TestServer(storage, server, events)
  }

  /** Stops this server and starts another one on the same folder. */
  async restart(options: TestOptions = {}): Promise<TestServer> {
    await this.server.close()
    return TestServer.start(this.storage, options)
  }

  get url(): string {
    return this.server.url
  }

  /** How often an operation began to run. */
  runs(operation?: string): number {
    return this.events.filter(
      event => event.kind === 'attempt-started' && (operation === undefined || event.operation === operation),
    ).length
  }

  send(path: string, request?: Request): Promise<Answer> {
    return send(this.url + path, request)
  }

  /** A connection that ends with the test. */
  async connect(): Promise<RawConnection> {
    const connection = await RawConnection.open(this.url)
    onTestFinished(() => connection.destroy())
    return connection
  }

  postJson(path: string, document: unknown, request: Request = {}): Promise<Answer> {
    return this.send(path, {
      ...request,
      method: 'POST',
      headers: { 'content-type': 'application/json', ...request.headers },
      body: JSON.stringify(document),
    })
  }

  open(
    descriptor: Descriptor,
    rest: Record<string, unknown> = {},
    headers: Record<string, string> = {},
  ): Promise<Answer> {
    return this.postJson(PATHS.entry(keyOf(descriptor)), { descriptor, ...rest }, { headers })
  }

  entry(descriptor: Descriptor, headers: Record<string, string> = {}): Promise<Answer> {
    return this.send(PATHS.entry(keyOf(descriptor)), { headers })
  }

  result(descriptor: Descriptor, headers: Record<string, string> = {}): Promise<Answer> {
    return this.send(PATHS.result(keyOf(descriptor)), { headers })
  }

  declare(content: Content, headers: Record<string, string | number> = {}): Promise<Answer> {
    return this.send(PATHS.content(content.id), {
      method: 'PUT',
      headers: { 'opcache-content-size': content.size, ...headers },
      body: content.manifest,
    })
  }

  content(content: { readonly id: string }, headers: Record<string, string> = {}): Promise<Answer> {
    return this.send(PATHS.content(content.id), { headers })
  }

  part(content: Content, first: number, count: number, request: Request = {}): Promise<Answer> {
    return this.send(PATHS.blocks(content.id, first), {
      method: 'PUT',
      body: content.part(first, count),
      ...request,
    })
  }

  /** Declares a content and sends all of it. */
  async upload(content: Content, headers: Record<string, string> = {}): Promise<void> {
    await this.declare(content, headers)
    for (let first = 0; first < content.blocks; first += 8) {
      await this.part(content, first, Math.min(8, content.blocks - first), { headers })
    }
  }

  run(operation: string, body: NonNullable<Request['body']>, request: Request = {}): Promise<Answer> {
    return this.send(PATHS.run(operation), { method: 'POST', body, ...request })
  }

  /** Names of the blobs that lie in the folder of an embedded store. */
  async blobs(): Promise<string[]> {
    if (typeof this.storage !== 'object' || !('folder' in this.storage)) {
      throw new Error('Only a folder can be looked into.')
    }
    const { folder } = this.storage
    const names = await readdir(join(folder, 'blobs-v1'), { recursive: true })
    return names.filter(name => /[0-9a-f-]{36}$/.test(name))
  }
}

export async function temporaryFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'opcache-test-'))
  onTestFinished(() => rm(folder, { recursive: true, force: true }))
  return folder
}

export const MIB = BLOCK_BYTES
