import { connect } from 'node:net'

/** One answer, as it came over the line. */
export interface RawAnswer {
  readonly status: number
  readonly headers: readonly (readonly [name: string, value: string])[]
  readonly body: Buffer
}

/** All that came back on a connection. */
export interface Exchanged {
  readonly answers: readonly RawAnswer[]
  /** What followed the last whole answer. */
  readonly rest: Buffer
  /** The server neither answered nor ended the connection. */
  readonly isStuck: boolean
}

/** How long a server that owes nothing is waited for before the client says that it has nothing more to say. */
const PATIENCE_MS = 30

/** Far longer than the server of the fuzz waits for anybody. */
const STUCK_MS = 20_000

/** An answer that has no end of its own was seen well enough after so long. */
const GLANCE_MS = 100

/**
 * Sends bytes on a connection of their own and reads until the server ends it. One that is not `isWhole` is followed by
 * an end, since nobody knows what the server still waits for.
 */
export function exchange(
  port: number,
  bytes: Buffer,
  { method, isWhole }: { method: string; isWhole: boolean },
): Promise<Exchanged> {
  return new Promise((resolve, reject) => {
    const received: Buffer[] = []
    const socket = connect(port, '127.0.0.1')
    let later: NodeJS.Timeout | undefined
    socket.on('connect', () => {
      socket.write(bytes)
      if (!isWhole) later = setTimeout(() => socket.end(), PATIENCE_MS)
    })
    socket.on('data', chunk => {
      const isFirst = received.length === 0
      received.push(chunk)
      if (isFirst && /content-type: text\/event-stream/i.test(chunk.toString('latin1'))) {
        later ??= setTimeout(() => socket.destroy(), GLANCE_MS)
      }
    })
    let isStuck = false
    socket.setTimeout(STUCK_MS, () => {
      isStuck = true
      socket.destroy()
    })
    // A server that refuses what is still coming resets the connection: what it has said counts.
    socket.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code !== 'ECONNRESET' && error.code !== 'EPIPE') reject(error)
    })
    socket.on('close', () => {
      clearTimeout(later)
      resolve({ ...readAnswers(Buffer.concat(received), method), isStuck })
    })
  })
}

function readAnswers(bytes: Buffer, method: string): Omit<Exchanged, 'isStuck'> {
  const answers: RawAnswer[] = []
  let at = 0
  for (;;) {
    const found = readAnswer(bytes.subarray(at), method)
    if (!found) return { answers, rest: bytes.subarray(at) }
    at += found.length
    if (found.answer.status >= 200) answers.push(found.answer)
  }
}

function readAnswer(bytes: Buffer, method: string): { answer: RawAnswer; length: number } | undefined {
  const end = bytes.indexOf('\r\n\r\n')
  const [line = '', ...fields] = bytes.subarray(0, Math.max(0, end)).toString('latin1').split('\r\n')
  const [, text] = /^HTTP\/1\.1 (\d{3}) /.exec(line) ?? []
  if (text === undefined) return undefined
  const status = Number(text)
  const headers = fields.map(field => {
    const colon = field.indexOf(': ')
    return [field.slice(0, colon).toLowerCase(), field.slice(colon + 2)] as const
  })
  const value = (name: string) => headers.find(([each]) => each === name)?.[1]
  const start = end + 4
  const hasBody = method !== 'HEAD' && status >= 200 && status !== 204 && status !== 304
  const framed = hasBody ? readBody(bytes.subarray(start), value) : { body: Buffer.alloc(0), length: 0 }
  return framed && { answer: { status, headers, body: framed.body }, length: start + framed.length }
}

function readBody(
  bytes: Buffer,
  value: (name: string) => string | undefined,
): { body: Buffer; length: number } | undefined {
  if (value('transfer-encoding') !== 'chunked') {
    const length = Number(value('content-length') ?? bytes.length)
    return bytes.length >= length ? { body: bytes.subarray(0, length), length } : undefined
  }
  const chunks: Buffer[] = []
  for (let at = 0; ; ) {
    const end = bytes.indexOf('\r\n', at)
    if (end < 0) return undefined
    const size = Number.parseInt(bytes.subarray(at, end).toString('latin1'), 16)
    at = end + 2 + size + 2
    if (at > bytes.length) return undefined
    if (size === 0) return { body: Buffer.concat(chunks), length: at }
    chunks.push(bytes.subarray(end + 2, end + 2 + size))
  }
}
