import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { type IncomingMessage, request } from 'node:http'
import { describe, expect, onTestFinished, test } from 'vitest'
import { PATHS } from '../../protocol/src/index.js'
import { type Content, contentOf } from '../../server/test/support/content.js'
import { Follower } from '../../server/test/support/follower.js'
import { TestStream } from '../../server/test/support/stream.js'
import { MIB } from '../../server/test/support/test-server.js'
import { query, serverOf } from './running.js'

type Server = Awaited<ReturnType<typeof serverOf>>

/** An operation that works line by line. */
interface LineWise {
  readonly name: string
  readonly params: Record<string, string>
  readonly head: string
  /** What it makes of a line. */
  made(line: string): string
  /** What it fails at. */
  readonly bad: string
}

const lineWise: LineWise[] = [
  {
    name: 'grep',
    params: { pattern: '7;' },
    head: '',
    made: line => (line.includes('7;') ? `${line}\n` : ''),
    bad: 'a line without an end'.repeat(MIB),
  },
  {
    name: 'csv-to-jsonl',
    params: { delimiter: ';' },
    head: 'number;text\n',
    made: line => `{"number":"${line.split(';')[0]}","text":"${line.split(';')[1]}"}\n`,
    bad: 'a;row;of;five;cells\n',
  },
]

const rows = Array.from({ length: 100_000 }, (_, number) => `${number};some text in a row`)

/** An entry whose source is a stream. */
async function streamed(server: Server, { name, params }: LineWise) {
  const stream = new TestStream(server)
  const key = `u-${randomUUID()}`
  await server.postJson(PATHS.entry(key), {
    descriptor: { v: 1, operation: { name, params } },
    source: stream.id,
  })
  const entry = async () => (await server.send(PATHS.entry(key))).json
  const follow = (more = '') => Follower.open(`${server.url}${PATHS.result(key)}?follow${more}`)
  const send = (content: Content, first: number, headers: Record<string, string> = {}) =>
    stream.part(content, first, Math.min(8, content.blocks - first), { headers })
  return { stream, key, entry, follow, send }
}

/** Sends two blocks, asks for output with each, and answers what has come as soon as something has. */
async function firstOutput({ key, stream }: Awaited<ReturnType<typeof streamed>>, content: Content) {
  for (;;) {
    const headers = { 'opcache-entry': key, 'opcache-output-from': '0' }
    const { status, headers: answered, body } = await stream.part(content, 0, 2, { headers })
    expect(status).toBe(200)
    if ('opcache-output-range' in answered) return body
  }
}

/** A run in full duplex, of which two blocks were sent. */
async function openDuplex(server: Server, { name, params }: LineWise, content: Content) {
  const url = server.url + PATHS.run(query(name, params))
  const outgoing = request(url, { method: 'POST', agent: false, headers: { 'opcache-duplex': '?1' } })
  outgoing.on('error', () => undefined)
  onTestFinished(() => void outgoing.destroy())
  outgoing.write(content.part(0, 2))
  const [incoming] = (await once(outgoing, 'response')) as [IncomingMessage]
  const chunks: Buffer[] = []
  incoming.on('data', chunk => chunks.push(chunk))
  incoming.on('error', () => undefined)
  const closed = new Promise(resolve => incoming.once('close', resolve))
  if (incoming.statusCode === 200) await once(incoming, 'data')
  return {
    incoming,
    end: () => void outgoing.end(content.bytes.subarray(2 * MIB)),
    rest: () => closed.then(() => Buffer.concat(chunks)),
  }
}

describe.each(lineWise)('$name, while its source is still coming,', operation => {
  const content = contentOf(Buffer.from(`${operation.head}${rows.join('\n')}\n`))
  const made = Buffer.from(rows.map(operation.made).join(''))
  const broken = contentOf(Buffer.from(`${operation.head}${rows.join('\n')}\n${operation.bad}`))

  test('is followed, and by others later', async () => {
    const server = await serverOf('embedded')
    const entry = await streamed(server, operation)
    await entry.send(contentOf(content.part(0, 2)), 0)
    const follower = await entry.follow()
    const first = await follower.take(1000)
    await entry.stream.part(content, 2, content.blocks - 2)
    await entry.stream.seal(content)
    expect(Buffer.concat([first, await follower.rest()]).equals(made)).toBe(true)
    expect(follower.isWhole).toBe(true)
    expect((await server.send(PATHS.result(entry.key))).body.equals(made)).toBe(true)
    expect(server.runs()).toBe(1)
  })

  test('gives its output with acknowledgements', async () => {
    const server = await serverOf('embedded')
    const entry = await streamed(server, operation)
    const first = await firstOutput(entry, content)
    await entry.stream.part(content, 2, content.blocks - 2)
    await entry.stream.seal(content)
    const rest = await entry.follow(`&from=${first.length}&attempt=1`)
    expect(Buffer.concat([first, await rest.rest()]).equals(made)).toBe(true)
    expect(rest.isWhole).toBe(true)
  })

  test('answers in full duplex', async () => {
    const server = await serverOf('embedded')
    const run = await openDuplex(server, operation, content)
    run.end()
    expect((await run.rest()).equals(made)).toBe(true)
    expect(run.incoming.complete).toBe(true)
  })

  test('is never taken for whole when it fails in the middle', async () => {
    const server = await serverOf('embedded')
    const entry = await streamed(server, operation)
    const first = await firstOutput(entry, broken)
    const follower = await entry.follow()
    for (let index = 2; index < broken.blocks; index += 8) await entry.send(broken, index)
    await entry.stream.seal(broken)
    await follower.rest()
    expect(follower.isWhole).toBe(false)
    expect(await entry.entry()).toMatchObject({ state: 'FAILED', error: { deterministic: true } })
    expect((await entry.follow(`&from=${first.length}&attempt=1`)).status).toBe(422)

    const run = await openDuplex(server, operation, broken)
    run.end()
    await run.rest()
    expect([run.incoming.statusCode, run.incoming.complete]).toEqual([200, false])
  })
})
