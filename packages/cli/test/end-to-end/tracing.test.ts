import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import { expect, onTestFinished, test } from 'vitest'
import { Sandbox } from '../sandbox.js'
import { serve } from '../served.js'

interface Span {
  readonly traceId: string
  readonly spanId: string
  readonly parentSpanId?: string
  readonly name: string
  readonly attributes: readonly { readonly key: string; readonly value: Record<string, unknown> }[]
}

/** A collector that keeps what it gets. */
async function startCollector() {
  const bodies: string[] = []
  const paths = new Set<string>()
  const collector = createServer(async (request, response) => {
    paths.add(`${request.method} ${request.url}`)
    bodies.push(await text(request))
    response.writeHead(200, { 'content-type': 'application/json' }).end('{}')
  })
  collector.listen(0, '127.0.0.1')
  await once(collector, 'listening')
  onTestFinished(() => void collector.close())
  const spans = (): Span[] =>
    bodies
      .flatMap(body => JSON.parse(body).resourceSpans)
      .flatMap(({ scopeSpans }) => scopeSpans)
      .flatMap(({ spans }) => spans)
  return { url: `http://127.0.0.1:${(collector.address() as AddressInfo).port}`, bodies, paths, spans }
}

const TRACE = 'a'.repeat(32)
const CALLER = 'b'.repeat(16)

test.each(['option', 'variable'])(
  'traces go to the collector that is named by %s, and tell no secrets',
  async how => {
    await using sandbox = await Sandbox.make()
    const collector = await startCollector()
    const env =
      how === 'variable' ? { OTEL_EXPORTER_OTLP_ENDPOINT: collector.url, OTEL_SERVICE_NAME: 'cache-7' } : {}
    const args = how === 'option' ? ['--otlp-endpoint', collector.url] : []
    const { url, command } = await serve(sandbox, ['--port', '0', ...args], { env })
    const ran = await fetch(`${url}/v1/run/gzip?level=7`, {
      method: 'POST',
      body: 'traced',
      headers: {
        traceparent: `00-${TRACE}-${CALLER}-01`,
        authorization: 'Bearer very-secret-token',
        'opcache-salt': 'very-secret-salt',
      },
    })
    expect(ran.status).toBe(200)
    await ran.arrayBuffer()
    command.process.kill('SIGTERM')
    expect(await command.ended).toMatchObject({ status: 0 })
    expect([...collector.paths]).toEqual(['POST /v1/traces'])
    const spans = collector.spans()
    const request = spans.find(({ name }) => name === 'POST /v1/run/:operation')!
    expect(request).toMatchObject({ traceId: TRACE, parentSpanId: CALLER })
    const attempt = spans.find(({ name }) => name === 'attempt gzip')!
    expect(attempt).toMatchObject({ traceId: TRACE, parentSpanId: request.spanId })
    const told = Object.fromEntries(
      [...request.attributes, ...attempt.attributes].map(({ key, value }) => [key, Object.values(value)[0]]),
    )
    expect(told).toMatchObject({
      'http.request.method': 'POST',
      'http.route': '/v1/run/:operation',
      'http.response.status_code': 200,
      'opcache.request_id': ran.headers.get('x-request-id'),
      'opcache.served': 'miss',
      'opcache.operation': 'gzip',
      'opcache.attempt': 1,
      'opcache.outcome': 'complete',
    })
    const all = collector.bodies.join('')
    expect(all).toContain(how === 'variable' ? 'cache-7' : '"opcache"')
    expect(all).not.toMatch(/very-secret|level/)
  },
)

test('a collector that is not there costs a message, and neither requests nor the end', async () => {
  await using sandbox = await Sandbox.make()
  const { url, command } = await serve(sandbox, ['--port', '0', '--otlp-endpoint', 'http://127.0.0.1:1'])
  expect((await fetch(`${url}/v1`)).status).toBe(200)
  command.process.kill('SIGTERM')
  expect(await command.ended).toMatchObject({ status: 0 })
  expect(await sandbox.run(['serve', '--otlp-endpoint', 'nonsense'])).toMatchObject({ status: 2 })
})
