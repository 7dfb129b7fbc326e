import { Agent } from 'node:http'
import { setTimeout as sleep } from 'node:timers/promises'
import { expect, onTestFinished, test } from 'vitest'
import { contentOf } from '../../support/content.js'
import { Tokens } from '../../support/credentials.js'
import { scripted } from '../../support/scripted.js'
import { type Answer, send } from '../../support/send.js'
import { TestServer } from '../../support/test-server.js'
import { until } from '../../support/until.js'

test('a user who asks too often is told when to come back, and nobody else', async () => {
  const tokens = await Tokens.make()
  const [anna, annaToo] = [await tokens.add({ user: 'anna' }), await tokens.add({ user: 'anna' })]
  const [bert, other] = [
    await tokens.add({ user: 'bert' }),
    await tokens.add({ user: 'anna', namespace: 'other' }),
  ]
  const server = await TestServer.start('memory', {
    auth: { tokens: tokens.path },
    limits: { requestsPerSecond: 5 },
  })
  const ask = (headers: { authorization: string }) => server.send('/v1', { headers })
  // More than half a minute allows, so that some meet the limit on any machine, wherever the seconds begin.
  const answers = await Promise.all(Array.from({ length: 200 }, (_, at) => ask(at % 2 ? anna : annaToo)))
  const refused = answers.filter(({ status }) => status === 429)
  expect(refused.length).toBeGreaterThan(0)
  expect(answers.filter(({ status }) => status === 200).length).toBeGreaterThanOrEqual(5)
  expect(refused[0]).toMatchObject({ json: { code: 'rate-limited' }, headers: { 'retry-after': '1' } })
  expect((await ask(bert)).status).toBe(200)
  expect((await ask(other)).status).toBe(200)
  expect((await server.send('/healthz')).status).toBe(200)
  await until(async () => (await ask(anna)).status === 200)
})

test('a server whose event loop is late refuses with 503, tells its health, and takes requests again', async () => {
  // Keeps the event loop from coming round, as an inline operation does that computes.
  const busy = scripted('busy', {
    run: async () => {
      for (let turn = 0; turn < 20; turn++) {
        const end = performance.now() + 150
        while (performance.now() < end);
        await sleep(1)
      }
      return 'done'
    },
  })
  const server = await TestServer.start('memory', { operations: [busy], limits: { maxLoopDelayMs: 60 } })
  // On a machine that is busy itself, the server may be late before.
  const run = async (): Promise<Answer> => {
    const answer = await server.run('busy', contentOf('x').bytes)
    return answer.status === 503 ? run() : answer
  }
  const running = run()
  await until(async () => {
    const { status, headers } = await server.send('/v1')
    if (status === 503) {
      expect(headers['retry-after']).toBe('5')
      expect((await server.send('/healthz')).status).toBe(200)
    }
    return status === 503
  })
  expect((await running).text).toBe('done')
  await until(async () => (await server.send('/v1')).status === 200)
})

test('one long pause is none of load', async () => {
  const pausing = scripted('pausing', {
    run: () => {
      const end = performance.now() + 3000
      while (performance.now() < end);
      return 'done'
    },
  })
  const server = await TestServer.start('memory', { operations: [pausing], limits: { maxLoopDelayMs: 300 } })
  expect((await server.run('pausing', contentOf('x').bytes)).text).toBe('done')
  expect((await server.send('/v1')).status).toBe(200)
})

test('connections beyond the limit are closed, and those that stand go on', async () => {
  const server = await TestServer.start('memory', { limits: { maxConnections: 2 } })
  const agent = new Agent({ keepAlive: true, maxSockets: 1 })
  onTestFinished(() => agent.destroy())
  expect((await server.send('/v1', { agent })).status).toBe(200)
  const second = await server.connect()
  await expect(send(`${server.url}/v1`)).rejects.toThrow()
  expect((await server.send('/v1', { agent })).status).toBe(200)
  second.destroy()
  await until(async () => (await send(`${server.url}/v1`).catch(() => undefined))?.status === 200)
})
