import { expect, test } from 'vitest'
import { contentOf, descriptorOf } from '../support/content.js'
import { Gate } from '../support/gate.js'
import { scripted } from '../support/scripted.js'
import { describeStorages, TestServer } from '../support/test-server.js'
import { until } from '../support/until.js'

const content = contentOf('refreshed')
const descriptor = descriptorOf(content, 'counting')

describeStorages('refresh', kind => {
  test('runs again; meanwhile the old result serves', async () => {
    const gate = new Gate()
    const counting = scripted('counting', {
      run: async run => {
        if (run > 1) await gate.opened
        return `result ${run}`
      },
    })
    const server = await TestServer.start(kind, { operations: [counting] })
    await server.run('counting', content.bytes)
    const refreshed = await server.open(descriptor, { refresh: 1 })
    expect(refreshed.json).toMatchObject({ state: 'PROCESSING', attempt: 2, served: 'miss' })
    const meanwhile = await server.open(descriptor)
    expect([meanwhile.status, meanwhile.json.state, meanwhile.json.served]).toEqual([200, 'COMPLETE', 'hit'])
    expect((await server.result(descriptor)).text).toBe('result 1')
    gate.open()
    expect((await server.result(descriptor, { prefer: 'wait=300' })).text).toBe('result 2')
  })

  test('asked for again with the same attempt does not run twice', async () => {
    const counting = scripted('counting', { run: run => `result ${run}` })
    const server = await TestServer.start(kind, { operations: [counting] })
    await server.run('counting', content.bytes)
    const all = await Promise.all(Array.from({ length: 20 }, () => server.open(descriptor, { refresh: 1 })))
    expect(all.filter(({ json }) => json.served === 'miss')).toHaveLength(1)
    await server.entry(descriptor, { prefer: 'wait=300' })
    expect((await server.open(descriptor, { refresh: 1 })).json).toMatchObject({ served: 'hit', attempt: 2 })
    expect((await server.open(descriptor, { refresh: 0 })).json).toMatchObject({ served: 'hit', attempt: 2 })
    expect(counting.runs).toBe(2)
    await server.open(descriptor, { refresh: 2 })
    expect((await server.result(descriptor, { prefer: 'wait=300' })).text).toBe('result 3')
  })

  test('that fails leaves the old result', async () => {
    const failing = scripted('counting', {
      run: run => {
        if (run > 1) throw new Error('no more')
        return 'result 1'
      },
    })
    const server = await TestServer.start(kind, { operations: [failing] })
    await server.run('counting', content.bytes)
    await server.open(descriptor, { refresh: 1 })
    await until(async () => (await server.entry(descriptor, { prefer: 'wait=300' })).json.error !== undefined)
    const entry = (await server.entry(descriptor)).json
    expect(entry).toMatchObject({ state: 'COMPLETE', attempt: 2, error: { detail: 'no more' } })
    expect((await server.result(descriptor)).text).toBe('result 1')
    expect((await server.open(descriptor)).json.served).toBe('hit')
    expect((await server.open(descriptor, { refresh: 1 })).json.served).toBe('hit')
    expect(failing.runs).toBe(2)
  })

  test('of a failure that would happen again runs again', async () => {
    const { OperationError } = await import('../../src/index.js')
    const failing = scripted('counting', {
      run: run => {
        if (run === 1) throw new OperationError('not yet')
        return `result ${run}`
      },
    })
    const server = await TestServer.start(kind, { operations: [failing] })
    await server.run('counting', content.bytes)
    expect((await server.open(descriptor)).json).toMatchObject({ state: 'FAILED', served: 'hit' })
    await server.open(descriptor, { refresh: 1 })
    expect((await server.result(descriptor, { prefer: 'wait=300' })).text).toBe('result 2')
  })

  test('of what was never run is an open like others', async () => {
    const server = await TestServer.start(kind, { operations: [scripted('counting')] })
    expect((await server.open(descriptor, { refresh: 0 })).json).toMatchObject({
      state: 'UPLOADING',
      served: 'miss',
    })
    await server.upload(content)
    expect((await server.result(descriptor, { prefer: 'wait=300' })).text).toBe('refreshed')
  })
})
