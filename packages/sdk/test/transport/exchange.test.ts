import { Agent as HttpAgent, type IncomingMessage, request, type ServerResponse } from 'node:http'
import { createServer } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { describe, expect, onTestFinished, test } from 'vitest'
import { callOf } from '../../src/transport/call.js'
import { Connection } from '../../src/transport/connection.js'
import { ConnectionLost } from '../../src/transport/connection-lost.js'
import type { Exchange, StreamedBody } from '../../src/transport/exchange.js'
import { performExchange } from '../../src/transport/perform-exchange.js'
import { MIB, noise } from '../support/bytes.js'
import { bodyBytes, handmadeServer } from '../support/handmade-server.js'

const bytes = noise(3 * MIB)

/** A streamed body that counts how often it is read and left. */
function countedBody(fail?: Error) {
  const counts = { begun: 0, ended: 0 }
  const body: StreamedBody = {
    length: bytes.length,
    async *chunks() {
      counts.begun += 1
      try {
        for (let at = 0; at < bytes.length; at += 100_000) {
          if (fail && at > 1_000_000) throw fail
          yield bytes.subarray(at, at + 100_000)
        }
      } finally {
        counts.ended += 1
      }
    },
  }
  return { body, counts }
}

function keptConnections() {
  const agent = new HttpAgent({ keepAlive: true })
  onTestFinished(() => agent.destroy())
  return agent
}

function put(url: string, body: Exchange['body'], more: Partial<Exchange> = {}, signal?: AbortSignal) {
  return performExchange(
    `${url}/x`,
    { method: 'PUT', path: '/x', body, ...more },
    { request, agent: keptConnections() },
    signal,
  )
}

describe('a streamed body', () => {
  test('is sent after 100', async () => {
    let received = 0
    const { url } = await handmadeServer(
      async (request, response) => {
        received = await bodyBytes(request)
        response.end('thanks')
      },
      (request, response) => {
        response.writeContinue()
        request.on('data', chunk => {
          received += chunk.length
        })
        request.on('end', () => response.end('thanks'))
      },
    )
    const { body, counts } = countedBody()
    const answer = await put(url, body)
    expect(Buffer.from(await answer.bytes()).toString()).toBe('thanks')
    expect(answer.sentBytes).toBe(bytes.length)
    expect(received).toBe(bytes.length)
    expect(counts).toEqual({ begun: 1, ended: 1 })
  })

  test('is never sent when the answer is final', async () => {
    const { url, server } = await handmadeServer((_request, response) => {
      response.end(bytes)
    })
    let arrived = 0
    server.on('connection', socket => socket.on('data', chunk => (arrived += chunk.length)))
    const { body, counts } = countedBody()
    const answer = await put(url, body)
    expect(Buffer.compare(await answer.bytes(), bytes)).toBe(0)
    expect(answer.sentBytes).toBe(0)
    expect(counts.begun).toBe(0)
    expect(arrived).toBeLessThan(1000)
  })

  test('is sent to a server that never answers the expectation', async () => {
    const { url } = await handmadeServer(async (request, response) => {
      response.end(String(await bodyBytes(request)))
    })
    const { body } = countedBody()
    const answer = await put(url, body)
    expect(Buffer.from(await answer.bytes()).toString()).toBe(String(bytes.length))
  })

  test('is sent at once where that is asked for', async () => {
    const expectations: unknown[] = []
    const { url } = await handmadeServer(async (request, response) => {
      expectations.push(request.headers.expect)
      response.end(String(await bodyBytes(request)))
    })
    const answer = await put(url, countedBody().body, { isUnexpected: true })
    expect(Buffer.from(await answer.bytes()).toString()).toBe(String(bytes.length))
    expect(expectations).toEqual([undefined])
  })

  test('stops at an answer that comes early', async () => {
    const { url } = await handmadeServer(
      () => undefined,
      (request, response) => {
        response.writeContinue()
        request.once('data', () => {
          response.statusCode = 413
          response.end('too much')
          request.resume()
        })
      },
    )
    const { body, counts } = countedBody()
    const answer = await put(url, body)
    expect(answer.status).toBe(413)
    expect(Buffer.from(await answer.bytes()).toString()).toBe('too much')
    expect(counts).toEqual({ begun: 1, ended: 1 })
  })

  test('that cannot be read fails the request with its own error, and the server sees the end', async () => {
    const gone: Promise<unknown>[] = []
    const { url } = await handmadeServer(
      () => undefined,
      (request, response) => {
        response.writeContinue()
        request.resume()
        request.on('error', () => undefined)
        gone.push(new Promise(resolve => request.once('close', resolve)))
      },
    )
    const { body, counts } = countedBody(new Error('the disk is gone'))
    await expect(put(url, body)).rejects.toThrow('the disk is gone')
    await Promise.all(gone)
    expect(gone).toHaveLength(1)
    expect(counts).toEqual({ begun: 1, ended: 1 })
  })

  test('is left when the call is aborted in the middle', async () => {
    const controller = new AbortController()
    const gone: Promise<unknown>[] = []
    const { url } = await handmadeServer(
      () => undefined,
      (request, response) => {
        response.writeContinue()
        gone.push(new Promise(resolve => request.once('close', resolve)))
        request.on('error', () => undefined)
        // Reads one chunk and no more, so that the sender is stuck.
        request.once('data', () => {
          request.pause()
          controller.abort(new Error('enough'))
        })
      },
    )
    const { body, counts } = countedBody()
    await expect(put(url, body, {}, controller.signal)).rejects.toThrow('enough')
    expect(counts).toEqual({ begun: 1, ended: 1 })
    expect(gone).toHaveLength(1)
  })
})

describe('a connection is lost', () => {
  /** Long enough for the head of an answer to come on a machine that is busy. */
  const IDLE_MS = 1_000

  test('when the server stays silent', async () => {
    const { url } = await handmadeServer(() => undefined)
    const silent = put(url, Buffer.from('x'), { idleTimeoutMs: 50 })
    await expect(silent).rejects.toThrow(ConnectionLost)
  })

  test('when the server stops in the middle of the answer', async () => {
    const { url } = await handmadeServer((_request, response) => {
      response.writeHead(200, { 'content-length': '10' })
      response.write('half')
    })
    const answer = await put(url, undefined, { idleTimeoutMs: IDLE_MS })
    await expect(answer.bytes()).rejects.toThrow(ConnectionLost)
  })

  test('when it is cut in the middle of the answer', async () => {
    const { url } = await handmadeServer((_request, response) => {
      response.writeHead(200, { 'content-length': '10' })
      response.write('half', () => response.destroy())
    })
    const answer = await put(url, undefined)
    await expect(answer.bytes()).rejects.toThrow(ConnectionLost)
  })

  test('but not by a reader who takes his time', async () => {
    const { url } = await handmadeServer((_request, response) => {
      response.end('all of it')
    })
    const answer = await put(url, undefined, { idleTimeoutMs: IDLE_MS })
    await sleep(1.5 * IDLE_MS)
    expect(Buffer.from(await answer.bytes()).toString()).toBe('all of it')
  })
})

test('connections are used again', async () => {
  const { url, server } = await handmadeServer((_request, response) => {
    response.end('{}')
  })
  let connections = 0
  server.on('connection', () => {
    connections += 1
  })
  const connection = new Connection({ server: url })
  onTestFinished(() => connection.close())
  for (let i = 0; i < 5; i++) await connection.document({ method: 'GET', path: '/' }, callOf({}))
  expect(connections).toBe(1)
})

test('who aborts a call that is over leaves its connection to others', async () => {
  const { url, server } = await handmadeServer((_request, response) => {
    response.end('{}')
  })
  let connections = 0
  server.on('connection', () => {
    connections += 1
  })
  const connection = new Connection({ server: url })
  onTestFinished(() => connection.close())
  const controller = new AbortController()
  await connection.document({ method: 'GET', path: '/' }, callOf({ signal: controller.signal }))
  controller.abort(new Error('enough'))
  await connection.document({ method: 'GET', path: '/' }, callOf({}))
  expect(connections).toBe(1)
})

describe('a kept connection that the server closed', () => {
  /** A server that cuts every connection at its second request. */
  async function forgetful() {
    let requests = 0
    const { url, server } = await handmadeServer(() => undefined)
    server.removeAllListeners('request')
    server.removeAllListeners('checkContinue')
    const seen = new WeakSet<object>()
    const answer = (request: IncomingMessage, response: ServerResponse, isExpected: boolean) => {
      requests += 1
      if (seen.has(request.socket)) return request.socket.resetAndDestroy()
      seen.add(request.socket)
      if (isExpected) response.writeContinue()
      response.setHeader('opcache-protocol', '1')
      bodyBytes(request).then(bytes => response.end(JSON.stringify({ bytes })))
    }
    server.on('request', (request, response) => answer(request, response, false))
    server.on('checkContinue', (request, response) => answer(request, response, true))
    return { url, requests: () => requests }
  }

  test('is no error that anybody sees, not even where nothing is retried', async () => {
    const { url, requests } = await forgetful()
    const events: unknown[] = []
    const connection = new Connection({ server: url, reconnectTimeoutMs: 0 })
    onTestFinished(() => connection.close())
    const call = callOf({ onProgress: event => events.push(event) })
    for (let i = 0; i < 3; i++) await connection.document({ method: 'GET', path: '/' }, call)
    const document = await connection.document({ method: 'PUT', path: '/', body: countedBody().body }, call)
    expect(document).toEqual({ bytes: bytes.length })
    expect(requests()).toBeGreaterThan(4)
    expect(events).toEqual([])
  })
})

describe('a rate limit', () => {
  test('changes no byte, either way', async () => {
    const { url } = await handmadeServer(async (request, response) => {
      const all: Buffer[] = []
      for await (const chunk of request) all.push(chunk as Buffer)
      response.end(Buffer.concat(all))
    })
    const connection = new Connection({ server: url, limitRate: 20 * MIB })
    onTestFinished(() => connection.close())
    const answer = await connection.send({ method: 'PUT', path: '/', body: countedBody().body }, callOf({}))
    expect(Buffer.compare(await answer.bytes(), bytes)).toBe(0)
  })

  test('lets an abort through', async () => {
    const { url } = await handmadeServer(() => undefined)
    const connection = new Connection({ server: url, limitRate: 1 })
    onTestFinished(() => connection.close())
    const controller = new AbortController()
    const exchange = { method: 'PUT', path: '/', body: countedBody().body, isUnexpected: true } as const
    const sending = connection.send(exchange, callOf({ signal: controller.signal }))
    controller.abort(new Error('enough'))
    await expect(sending).rejects.toThrow('enough')
  })
})

describe('who answers', () => {
  const ask = (server: string, options = {}) => {
    const connection = new Connection({ server, reconnectTimeoutMs: 0, ...options })
    onTestFinished(() => connection.close())
    return connection.document({ method: 'GET', path: '/v1' }, callOf({}))
  }

  test('without the protocol header is no opcache server', async () => {
    const { url, server } = await handmadeServer(() => undefined)
    server.removeAllListeners('request')
    server.on('request', (_request, response) => response.end('<html>'))
    await expect(ask(url, { reconnectTimeoutMs: 60_000 })).rejects.toMatchObject({ code: 'not-opcache', url })
  })

  test('without HTTP is none either', async () => {
    const server = createServer(socket => socket.end('220 mail.example.org ESMTP\r\n'))
    await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
    onTestFinished(() => void server.close())
    const { port } = server.address() as { port: number }
    await expect(ask(`http://127.0.0.1:${port}`)).rejects.toMatchObject({ code: 'not-opcache' })
    await expect(ask(`https://127.0.0.1:${port}`)).rejects.toMatchObject({ code: 'not-opcache' })
  })

  test('502 in place of a server is out of reach', async () => {
    let asked = 0
    const { url, server } = await handmadeServer(() => undefined)
    server.removeAllListeners('request')
    server.on('request', (_request, response) => {
      asked += 1
      response.writeHead(asked < 3 ? 502 : 200, asked < 3 ? {} : { 'opcache-protocol': '1' })
      response.end('{}')
    })
    await expect(ask(url)).rejects.toMatchObject({ code: 'server-unreachable', url })
    expect(await ask(url, { reconnectTimeoutMs: 60_000 })).toEqual({})
    expect(asked).toBe(3)
  })

  test('nobody is out of reach', async () => {
    const { url, server } = await handmadeServer(() => undefined)
    await new Promise(resolve => server.close(resolve))
    await expect(ask(url)).rejects.toMatchObject({ code: 'server-unreachable', url })
    const byName = url.replace('127.0.0.1', 'localhost')
    await expect(ask(byName)).rejects.toThrow(/ECONNREFUSED/)
  })

  test('417 gets the body without the expectation', async () => {
    const expectations: unknown[] = []
    const proxied = await handmadeServer(
      () => undefined,
      (_request, response) => response.writeHead(417).end(),
    )
    proxied.server.removeAllListeners('request')
    proxied.server.on('request', (request, response) => {
      expectations.push(request.headers.expect)
      bodyBytes(request).then(bytes => {
        response.setHeader('opcache-protocol', '1')
        response.end(JSON.stringify({ bytes }))
      })
    })
    const connection = new Connection({ server: proxied.url, reconnectTimeoutMs: 0 })
    onTestFinished(() => connection.close())
    const answer = await connection.document(
      { method: 'PUT', path: '/', body: countedBody().body },
      callOf({}),
    )
    expect(answer).toEqual({ bytes: bytes.length })
    expect(expectations).toEqual([undefined])
  })
})

describe('tokens', () => {
  test('are asked for again once after a 401', async () => {
    const seen: unknown[] = []
    const { url } = await handmadeServer((request, response) => {
      seen.push(request.headers.authorization)
      const isGood = request.headers.authorization === 'Bearer 2'
      response.writeHead(isGood ? 200 : 401, { 'content-type': 'application/problem+json' })
      response.end(JSON.stringify(isGood ? {} : { code: 'unauthenticated', detail: 'Who are you?' }))
    })
    let tokens = 0
    const connection = new Connection({ server: url, token: async () => String(++tokens) })
    onTestFinished(() => connection.close())
    await connection.document({ method: 'GET', path: '/' }, callOf({}))
    await connection.document({ method: 'GET', path: '/' }, callOf({}))
    expect(seen).toEqual(['Bearer 1', 'Bearer 2', 'Bearer 2'])
    const fixed = new Connection({ server: url, token: 'no' })
    onTestFinished(() => fixed.close())
    await expect(fixed.document({ method: 'GET', path: '/' }, callOf({}))).rejects.toMatchObject({
      name: 'RequestError',
      code: 'unauthenticated',
      status: 401,
      detail: 'Who are you?',
    })
    expect(seen.filter(token => token === 'Bearer no')).toHaveLength(1)
  })
})
