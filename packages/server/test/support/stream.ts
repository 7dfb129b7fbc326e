import { randomUUID } from 'node:crypto'
import { PATHS } from '@opcache/protocol'
import type { Content } from './content.js'
import { type Answer, type Request, send } from './send.js'

/** The digests of a part's blocks, as its head carries them. */
export function blockDigests(content: Content, first: number, count: number): string {
  return Buffer.from(content.manifest.subarray(first * 32, (first + count) * 32)).toString('base64')
}

/** A stream of one server, with the requests of the protocol as methods. */
export class TestStream {
  readonly #url: string

  constructor(
    server: { readonly url: string },
    readonly headers: Record<string, string> = {},
    readonly id = `u-${randomUUID()}`,
  ) {
    this.#url = server.url
  }

  part(content: Content, first: number, count: number, request: Request = {}): Promise<Answer> {
    return send(this.#url + PATHS.blocks(this.id, first), {
      method: 'PUT',
      body: content.part(first, count),
      ...request,
      headers: {
        'opcache-block-digests': blockDigests(content, first, count),
        ...this.headers,
        ...request.headers,
      },
    })
  }

  seal(end: { readonly size: number; readonly id: string }): Promise<Answer> {
    return send(this.#url + PATHS.seal(this.id), {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...this.headers },
      body: JSON.stringify({ size: end.size, content: end.id }),
    })
  }

  document(): Promise<Answer> {
    return send(this.#url + PATHS.content(this.id), { headers: this.headers })
  }

  /** Sends all of a content in parts, and seals. */
  async send(content: Content): Promise<Answer> {
    for (let first = 0; first < content.blocks; first += 8) {
      await this.part(content, first, Math.min(8, content.blocks - first))
    }
    return this.seal(content)
  }
}
