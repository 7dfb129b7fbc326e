import { type Agent, type IncomingHttpHeaders, request } from 'node:http'
import { Readable } from 'node:stream'
import { buffer } from 'node:stream/consumers'

/** What a server answered. */
export interface Answer {
  readonly status: number
  readonly headers: IncomingHttpHeaders
  readonly body: Buffer
  readonly text: string
  // biome-ignore lint/suspicious/noExplicitAny: tests look into documents of many shapes
  readonly json: any
  /** Port of the client's end of the connection. */
  readonly localPort: number
}

/** A request as `node:http` makes it: nothing is added that is not said here. */
export interface Request {
  readonly method?: string
  readonly headers?: Record<string, string | number>
  /** A stream without `content-length` is sent in chunks. */
  readonly body?: Uint8Array | string | Readable
  readonly agent?: Agent
  readonly signal?: AbortSignal
}

/** Sends a request and reads the whole answer. */
export function send(url: string, options: Request = {}): Promise<Answer> {
  const { method = 'GET', body, agent, signal } = options
  const length = body === undefined || body instanceof Readable ? {} : { 'content-length': sizeOf(body) }
  return new Promise((resolve, reject) => {
    const outgoing = request(
      url,
      {
        method,
        headers: { ...length, ...options.headers },
        agent: agent ?? false,
        ...(signal && { signal }),
      },
      incoming => {
        const localPort = incoming.socket.localPort ?? 0
        buffer(incoming).then(bytes => {
          const text = bytes.toString()
          const type = incoming.headers['content-type'] ?? ''
          const json = /json\b/.test(type) && text !== '' ? JSON.parse(text) : undefined
          const { statusCode: status = 0, headers } = incoming
          resolve({ status, headers, body: bytes, text, json, localPort })
        }, reject)
      },
    )
    outgoing.on('error', reject)
    if (body instanceof Readable) body.on('error', error => outgoing.destroy(error)).pipe(outgoing)
    else outgoing.end(body)
  })
}

function sizeOf(body: Uint8Array | string): number {
  return typeof body === 'string' ? Buffer.byteLength(body) : body.length
}
