import { randomUUID } from 'node:crypto'
import { join } from 'node:path'
import { type Descriptor, PATHS } from '@opcache/protocol'
import { bytesOf, type Content, contentOf, descriptorOf, keyOf } from '../support/content.js'
import { type Answer, type Request, send } from '../support/send.js'
import { blockDigests } from '../support/stream.js'
import { MIB } from '../support/test-server.js'

export const MARK = Buffer.from('marked: ')

/**
 * A client of servers that crash: it does the same calls again after each crash, and remembers what was acknowledged to
 * it.
 */
export class Client {
  readonly source = contentOf(bytesOf(3 * MIB + 10))
  readonly small = contentOf(bytesOf(70_000, 2))
  readonly streamed = contentOf(bytesOf(2 * MIB + 7, 3))
  readonly unfinished = contentOf(bytesOf(2 * MIB, 4))
  readonly late = contentOf(bytesOf(3 * MIB, 5))
  readonly #streams = [`u-${randomUUID()}`, `u-${randomUUID()}`] as const
  readonly #openStream = `u-${randomUUID()}`
  readonly #entries = [`u-${randomUUID()}`, `u-${randomUUID()}`] as const
  /** Blocks by content or stream. */
  readonly acknowledged = new Map<string, Set<number>>()

  constructor(readonly folder: string) {}

  /** Every way in which bytes come in and results are made, and what ends them. */
  async work(url: string): Promise<void> {
    await this.#inParts(url, this.source, 'marked')
    await this.#refreshed(url)
    await this.#inOneRequest(url)
    await this.#streamedTo(url, this.#streams[0], this.#entries[0], 'marked-apart')
    await this.#followed(url, this.#streams[1], this.#entries[1])
    await this.#declared(url, this.unfinished)
    await this.#part(url, this.unfinished, 0, 1)
    // Forgotten already, where the crash came just after.
    await ask(url, PATHS.entry(this.#entries[0]), { method: 'DELETE' }, [404])
  }

  /** What is left unfinished. */
  async begin(url: string): Promise<void> {
    await this.#declared(url, this.unfinished)
    await this.#part(url, this.unfinished, 0, 1)
    await this.#streamPart(url, this.#openStream, 0, 2)
  }

  /** Goes on with it. */
  async goOn(url: string): Promise<void> {
    await this.#declared(url, this.unfinished)
    await this.#part(url, this.unfinished, 0, 2)
    await this.#streamPart(url, this.#openStream, 0, 2)
    await this.#streamPart(url, this.#openStream, 2, 1)
  }

  /** Stops an attempt, and begins another one, which runs beyond the first heartbeat of its lease. */
  async interrupt(url: string): Promise<void> {
    await this.#declared(url, this.small)
    await this.#part(url, this.small, 0, 1)
    const [stopped, running] = [60_000, 7_000].map(pauseMs =>
      descriptorOf(this.small, 'marked', { lock: this.#lock(String(pauseMs)), pauseMs }),
    ) as [Descriptor, Descriptor]
    await this.#open(url, keyOf(stopped), { descriptor: stopped })
    await ask(url, PATHS.entry(keyOf(stopped)), { method: 'DELETE' })
    await this.#open(url, keyOf(running), { descriptor: running })
    await ask(url, PATHS.entry(keyOf(running)), { headers: { prefer: 'wait=6' } })
  }

  /** More than finds room beside what is there. */
  async workLate(url: string): Promise<void> {
    await this.#inParts(url, this.late, 'marked')
  }

  async #inParts(url: string, content: Content, operation: string): Promise<void> {
    const descriptor = this.#descriptor(content, operation)
    await this.#open(url, keyOf(descriptor), { descriptor })
    await this.#declared(url, content)
    await this.#part(url, content, 0, 2)
    await this.#part(url, content, 2, content.blocks - 2)
    await this.#result(url, keyOf(descriptor), marked(content))
  }

  async #refreshed(url: string): Promise<void> {
    const descriptor = this.#descriptor(this.source, 'marked')
    await this.#open(url, keyOf(descriptor), { descriptor, refresh: 1 })
    await this.#result(url, keyOf(descriptor), marked(this.source))
  }

  async #inOneRequest(url: string): Promise<void> {
    const lock = encodeURIComponent(this.#lock('one'))
    const answer = await ask(url, `${PATHS.run('marked')}?lock=${lock}`, {
      method: 'POST',
      body: this.small.bytes,
      headers: { prefer: 'wait=300' },
    })
    same(answer.body, marked(this.small))
  }

  async #streamedTo(url: string, stream: string, key: string, operation: string): Promise<void> {
    const descriptor = { v: 1, operation: { name: operation, params: { lock: this.#lock(operation) } } }
    await this.#open(url, key, { descriptor, source: stream })
    await this.#streamPart(url, stream, 0, 2)
    await this.#streamPart(url, stream, 2, 1)
    await this.#sealed(url, stream)
    await this.#result(url, key, marked(this.streamed))
  }

  /** The operation works on what is there of the stream. */
  async #followed(url: string, stream: string, key: string): Promise<void> {
    await this.#open(url, key, {
      descriptor: { v: 1, operation: { name: 'copy', params: {} } },
      source: stream,
    })
    const following = { 'opcache-entry': key, 'opcache-output-from': 0 }
    await this.#streamPart(url, stream, 0, 2, following)
    await this.#streamPart(url, stream, 2, 1, following)
    await this.#sealed(url, stream)
    await this.#result(url, key, this.streamed.bytes)
  }

  #open(url: string, key: string, document: object): Promise<Answer> {
    return postJson(url, PATHS.entry(key), document)
  }

  #declared(url: string, content: Content): Promise<Answer> {
    return ask(url, PATHS.content(content.id), {
      method: 'PUT',
      headers: { 'opcache-content-size': content.size },
      body: content.manifest,
    })
  }

  async #part(url: string, content: Content, first: number, count: number): Promise<void> {
    await ask(url, PATHS.blocks(content.id, first), { method: 'PUT', body: content.part(first, count) })
    this.#acknowledge(content.id, first, count)
  }

  async #streamPart(url: string, stream: string, first: number, count: number, headers = {}): Promise<void> {
    await ask(url, PATHS.blocks(stream, first), {
      method: 'PUT',
      body: this.streamed.part(first, count),
      headers: { 'opcache-block-digests': blockDigests(this.streamed, first, count), ...headers },
    })
    this.#acknowledge(stream, first, count)
  }

  #sealed(url: string, stream: string): Promise<Answer> {
    const { size, id } = this.streamed
    return postJson(url, PATHS.seal(stream), { size, content: id })
  }

  async #result(url: string, key: string, expected: Buffer): Promise<void> {
    same((await ask(url, PATHS.result(key), { headers: { prefer: 'wait=300' } })).body, expected)
  }

  #descriptor(content: Content, operation: string): Descriptor {
    return descriptorOf(content, operation, { lock: this.#lock('parts') })
  }

  #lock(name: string): string {
    return join(this.folder, `lock-${name}`)
  }

  #acknowledge(id: string, first: number, count: number): void {
    const blocks = this.acknowledged.get(id) ?? new Set()
    for (let block = first; block < first + count; block++) blocks.add(block)
    this.acknowledged.set(id, blocks)
  }
}

export function marked(content: Content): Buffer {
  return Buffer.concat([MARK, content.bytes])
}

function postJson(url: string, path: string, document: object): Promise<Answer> {
  const headers = { 'content-type': 'application/json' }
  return ask(url, path, { method: 'POST', headers, body: JSON.stringify(document) })
}

/** @throws Error where the answer is no success, or another one that is allowed */
async function ask(url: string, path: string, request: Request, allowed: number[] = []): Promise<Answer> {
  const answer = await send(url + path, request)
  if (answer.status < 300 || allowed.includes(answer.status)) return answer
  throw new Error(`${request.method ?? 'GET'} ${path} was answered ${answer.status}: ${answer.text}`)
}

function same(bytes: Buffer, expected: Buffer): void {
  if (!bytes.equals(expected)) throw new Error(`A result of ${bytes.length} bytes is not the right one.`)
}
