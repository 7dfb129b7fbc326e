import { once } from 'node:events'
import { connect, type Socket } from 'node:net'

/** The head of an answer. */
export interface Head {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
}

/** A connection on which a test says every byte itself. */
export class RawConnection {
  readonly #socket: Socket
  #received = Buffer.alloc(0)
  #hasEnded = false
  #wake: () => void = () => undefined

  private constructor(socket: Socket) {
    this.#socket = socket
    socket.on('data', chunk => {
      this.#received = Buffer.concat([this.#received, chunk])
      this.#wake()
    })
    socket.on('close', () => {
      this.#hasEnded = true
      this.#wake()
    })
    socket.on('end', () => {
      this.#hasEnded = true
      this.#wake()
    })
    // A connection that the server resets is one that ends.
    socket.on('error', () => undefined)
  }

  static async open(url: string): Promise<RawConnection> {
    const { hostname, port } = new URL(url)
    const socket = connect(Number(port), hostname)
    await once(socket, 'connect')
    return new RawConnection(socket)
  }

  /** Writes, and waits until the bytes have gone to the system; never waits for an end that came first. */
  async write(bytes: string | Uint8Array): Promise<void> {
    await new Promise<void>(resolve => this.#socket.write(bytes, () => resolve()))
  }

  /** Writes a request's head. */
  async writeHead(line: string, headers: Record<string, string | number> = {}): Promise<void> {
    const fields = Object.entries({ host: 'test', ...headers }).map(
      ([name, value]) => `${name}: ${value}\r\n`,
    )
    await this.write(`${line} HTTP/1.1\r\n${fields.join('')}\r\n`)
  }

  /** The head of the next answer, interim ones included. */
  async readHead(): Promise<Head> {
    const end = await this.#until(() => {
      const at = this.#received.indexOf('\r\n\r\n')
      return at < 0 ? undefined : at + 4
    })
    const [line = '', ...fields] = this.#take(end).toString('latin1').trim().split('\r\n')
    const headers = Object.fromEntries(
      fields.map(field => {
        const colon = field.indexOf(':')
        return [field.slice(0, colon).toLowerCase(), field.slice(colon + 1).trim()]
      }),
    )
    return { status: Number(line.split(' ')[1]), headers }
  }

  /** So many bytes of an answer's body; all that it announced by default. */
  async readBody(head: Head, bytes = Number(head.headers['content-length'])): Promise<Buffer> {
    await this.#until(() => (this.#received.length >= bytes ? bytes : undefined))
    return this.#take(bytes)
  }

  /** Reads until `text` has come. */
  async readPast(text: string): Promise<string> {
    const end = await this.#until(() => {
      const at = this.#received.indexOf(text)
      return at < 0 ? undefined : at + text.length
    })
    return this.#take(end).toString()
  }

  /** All that still comes until the server ends the connection. */
  async readToEnd(): Promise<Buffer> {
    while (!this.#hasEnded) await this.#woken()
    return this.#take(this.#received.length)
  }

  /** Bytes that have come and were not read yet. */
  get unread(): Buffer {
    return this.#received
  }

  /** Stops reading from the system, as a client does that is busy elsewhere. */
  pause(): void {
    this.#socket.pause()
  }

  resume(): void {
    this.#socket.resume()
  }

  destroy(): void {
    this.#socket.destroy()
  }

  #take(bytes: number): Buffer {
    const taken = this.#received.subarray(0, bytes)
    this.#received = this.#received.subarray(bytes)
    return taken
  }

  async #until<T>(find: () => T | undefined): Promise<T> {
    for (;;) {
      const found = find()
      if (found !== undefined) return found
      if (this.#hasEnded) throw new Error(`The connection ended after "${this.#received.toString('latin1')}"`)
      await this.#woken()
    }
  }

  #woken(): Promise<void> {
    return new Promise(resolve => {
      this.#wake = resolve
    })
  }
}

/** Bytes as one chunk of a body that is sent in chunks. */
export function chunked(bytes: Uint8Array): Buffer {
  return Buffer.concat([Buffer.from(`${bytes.length.toString(16)}\r\n`), bytes, Buffer.from('\r\n')])
}
