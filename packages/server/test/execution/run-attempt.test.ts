import { ProtocolError } from '@opcache/protocol'
import { expect, test } from 'vitest'
import { bytesOf, contentOf, descriptorOf } from '../support/content.js'
import { Gate } from '../support/gate.js'
import { scripted } from '../support/scripted.js'
import { describeStorages, MIB, TestServer } from '../support/test-server.js'
import { until } from '../support/until.js'

const content = contentOf('worked on')

describeStorages('an attempt', kind => {
  test('whose operation throws what is no error fails and says so', async () => {
    const thrown = ['a text', undefined, null, 7, Symbol('sign'), Object.create(null), { toString: 1 }]
    const operations = thrown.map((value, index) =>
      scripted(`throwing-${index}`, {
        run: () => {
          throw value
        },
      }),
    )
    const server = await TestServer.start(kind, { operations })
    for (const { name } of operations) {
      const failed = await server.run(name, content.bytes)
      expect([failed.status, failed.json.code], name).toEqual([422, 'operation-failed'])
    }
  })

  test('that returns nothing, or nonsense, does no harm', async () => {
    const outcomes: [outcome: unknown, status: number][] = [
      [undefined, 200],
      [null, 200],
      [{}, 200],
      [{ type: 'a/b\r\nx: y' }, 422],
      [{ type: 7 }, 422],
      [{ name: 7 }, 422],
    ]
    const operations = outcomes.map(([outcome], index) => ({
      ...scripted(`returning-${index}`),
      run: async ({ output }: { output: NodeJS.WritableStream }) => {
        output.end('x')
        return outcome as never
      },
    }))
    const server = await TestServer.start(kind, { operations })
    for (const [index, [, status]] of outcomes.entries()) {
      expect((await server.run(`returning-${index}`, content.bytes)).status, `${index}`).toBe(status)
    }
  })

  test('whose result the store has no room for says so, and runs again', async () => {
    const greedy = scripted('greedy', {
      run: run => {
        if (run > 1) return 'there was room'
        throw new ProtocolError('storage-full', 'The disk is full.')
      },
    })
    const server = await TestServer.start(kind, { operations: [greedy] })
    const failed = await server.run('greedy', content.bytes)
    expect([failed.status, failed.json.code, failed.json.deterministic]).toEqual([503, 'storage-full', false])
    expect(failed.headers['retry-after']).toBeDefined()
    const again = await server.run('greedy', content.bytes)
    expect([again.status, again.body.toString()]).toEqual([200, 'there was room'])
  })

  test('that fails after it wrote leaves nothing', async () => {
    const half = {
      ...scripted('half'),
      run: async ({ output }: { output: NodeJS.WritableStream }) => {
        output.write(bytesOf(3 * MIB))
        throw new Error('half way')
      },
    }
    const server = await TestServer.start(kind, { operations: [half] })
    expect((await server.run('half', content.bytes)).json.detail).toBe('half way')
    if (kind === 'embedded') expect(await server.blobs()).toHaveLength(1)
  })

  test('that writes more than a content may have fails', async () => {
    const large = scripted('large', { run: () => bytesOf(3 * MIB) })
    const server = await TestServer.start(kind, { operations: [large], limits: { maxContentBytes: 2 * MIB } })
    const failed = await server.run('large', content.bytes)
    expect([failed.status, failed.json.code]).toEqual([422, 'operation-failed'])
    if (kind === 'embedded') expect(await server.blobs()).toHaveLength(1)
  })

  test('that does not look at its signal is over all the same when its entry is deleted', async () => {
    const deaf = scripted('deaf', { run: () => new Promise(() => undefined) })
    const server = await TestServer.start(kind, { operations: [deaf], concurrency: 1 })
    const descriptor = descriptorOf(content, 'deaf')
    await server.upload(content)
    const { key } = (await server.open(descriptor)).json
    await until(() => deaf.runs === 1)
    await server.send(`/v1/entries/${key}`, { method: 'DELETE' })
    // The one worker is free again.
    expect((await server.run('copy', content.bytes)).status).toBe(200)
  })

  test('is one of so many at a time', async () => {
    let running = 0
    let most = 0
    const gate = new Gate()
    const counting = scripted('counting', {
      run: async () => {
        running += 1
        most = Math.max(most, running)
        if (running === 2) gate.open()
        await gate.opened
        await new Promise(resolve => setImmediate(resolve))
        running -= 1
        return 'done'
      },
    })
    const server = await TestServer.start(kind, { operations: [counting], concurrency: 2 })
    const bodies = Array.from({ length: 8 }, (_, seed) => `body ${seed}`)
    const answers = await Promise.all(bodies.map(body => server.run('counting', body)))
    expect(answers.map(({ status }) => status)).toEqual(Array(8).fill(200))
    expect(most).toBe(2)
  })

  test('has its source for as long as it runs, as a stream and as a file', async () => {
    const { readFile } = await import('node:fs/promises')
    const reading = scripted('reading', { run: async (_run, { input }) => readFile(await input.path()) })
    const server = await TestServer.start(kind, { operations: [reading] })
    for (const body of ['some', '']) expect((await server.run('reading', body)).text).toBe(body)
  })
})
