import { Readable } from 'node:stream'
import type { ContentId, EntryKey } from '@opcache/protocol'
import { describe, expect, onTestFinished, test, vi } from 'vitest'
import { LOCAL_CALLER } from '../../../src/engine/caller.js'
import { publishContent, storeBytes } from '../../../src/engine/contents/store-content.js'
import { useContent } from '../../../src/engine/contents/use-content.js'
import { changeEntry } from '../../../src/engine/entries/change-entry.js'
import { openEntry } from '../../../src/engine/entries/open-entry.js'
import { settleEntry } from '../../../src/engine/entries/settle-entry.js'
import { sweep } from '../../../src/engine/upkeep/sweep.js'
import { LEASE_MS } from '../../../src/execution/lease.js'
import { runLeasedAttempt } from '../../../src/execution/run-attempt.js'
import type { OperationContext } from '../../../src/index.js'
import { OperationRegistry } from '../../../src/operations/registry.js'
import type { EntryPhase, EntryRecord } from '../../../src/ports/entry-store.js'
import { spaceOf } from '../../../src/ports/space.js'
import { descriptorOf, keyOf } from '../../support/content.js'
import { orStopped, scripted } from '../../support/scripted.js'
import { until } from '../../support/until.js'
import { startEngine } from '../test-engine.js'

const DAY_MS = 24 * 3600 * 1000
const space = spaceOf('default')

test('what nobody used for its time is forgotten, its bytes as well', async () => {
  const { engine, time } = await startEngine()
  const content = await publishContent(
    engine,
    space,
    await storeBytes(engine, Readable.from([Buffer.from('x')])),
  )
  const descriptor = descriptorOf(content)
  const key = keyOf(descriptor) as EntryKey
  await openEntry(engine, LOCAL_CALLER, key, { descriptor })
  await sweep(engine)
  expect(await engine.entries.get(space, key)).toBeDefined()
  time.now += 20 * DAY_MS
  await useContent(engine, content)
  time.now += 11 * DAY_MS
  await sweep(engine)
  // Its attempt first: that it failed is remembered for a while.
  time.now += DAY_MS
  await sweep(engine)
  expect(await engine.entries.get(space, key)).toBeUndefined()
  expect(await engine.queue.lease(['copy'], 1000)).toBeUndefined()
  expect(await engine.contents.get(content)).toBeDefined()
  time.now += 20 * DAY_MS
  await sweep(engine)
  expect(await engine.contents.get(content)).toBeUndefined()
  expect(await engine.blobs.has(content.blob)).toBe(false)
})

test('the source of an attempt that waits for its turn outlives its time, and no longer than the attempt', async () => {
  const { engine: lasting, time } = await startEngine()
  const engine = { ...lasting, limits: { ...lasting.limits, contentTtlSeconds: 60, resultHoldSeconds: 0 } }
  const source = await storeBytes(engine, Readable.from([Buffer.from('x')]))
  const content = await publishContent(engine, space, source)
  const descriptor = descriptorOf(content)
  const { record } = await openEntry(engine, LOCAL_CALLER, keyOf(descriptor) as EntryKey, { descriptor })
  for (let minute = 0; minute < 3; minute++) {
    time.now += 61_000
    await sweep(engine)
    expect(await engine.contents.get(content)).toMatchObject({ missingBlocks: 0 })
  }
  await engine.entries.delete(space, record.key, record.revision)
  time.now += 61_000
  await sweep(engine)
  expect(await engine.contents.get(content)).toBeUndefined()
})

describe('an attempt that nobody waits for', () => {
  const opened = async () => {
    const { engine, time } = await startEngine()
    const source = await storeBytes(engine, Readable.from([Buffer.from('x')]))
    await publishContent(engine, space, source)
    const descriptor = descriptorOf(source)
    const key = keyOf(descriptor) as EntryKey
    const open = (refresh?: number) =>
      openEntry(engine, LOCAL_CALLER, key, { descriptor, ...(refresh === undefined ? {} : { refresh }) })
    await open()
    const found = async () => (await engine.entries.get(space, key)) as EntryRecord
    const stateAfter = async (ms: number) => {
      time.now += ms
      await sweep(engine)
      return (await found()).phase.state
    }
    return { engine, time, open, found, stateAfter }
  }

  test('is stopped after a day, and the next open runs it again without an upload', async () => {
    const { engine, open, found, stateAfter } = await opened()
    expect(await stateAfter(DAY_MS - 1)).toBe('PROCESSING')
    expect(await stateAfter(1)).toBe('FAILED')
    expect((await found()).phase).toMatchObject({
      error: { deterministic: false, detail: expect.stringContaining('Nobody waited for it for 86400 s') },
    })
    expect(await engine.queue.lease(['copy'], 1000)).toBeUndefined()
    expect((await open()).record).toMatchObject({ attempt: 2, phase: { state: 'PROCESSING' } })
    expect(await engine.queue.lease(['copy'], 1000)).toBeDefined()
  })

  test('goes on while somebody opens it or looks at it, as who waits does now and then', async () => {
    const { engine, open, found, stateAfter } = await opened()
    for (const attend of [open, async () => settleEntry(engine, await found())]) {
      expect(await stateAfter(0.6 * DAY_MS)).toBe('PROCESSING')
      await attend()
    }
    expect(await stateAfter(0.6 * DAY_MS)).toBe('PROCESSING')
    const { revision } = await found()
    await settleEntry(engine, await found())
    expect((await found()).revision).toBe(revision + 1)
    await settleEntry(engine, await found())
    expect((await found()).revision).toBe(revision + 1)
  })

  test('goes on while somebody follows its output, without a word, and no longer', async () => {
    vi.useFakeTimers({ toFake: ['setInterval'] })
    onTestFinished(() => void vi.useRealTimers())
    const { engine: builtin, time } = await startEngine()
    let stopped: unknown
    const held = {
      ...scripted('held'),
      streaming: true,
      run: async ({ signal }: OperationContext<unknown>) => {
        await orStopped(new Promise(() => undefined), signal).catch(error => {
          stopped = error
          throw error
        })
        return {}
      },
    }
    const limits = { ...builtin.limits, unattendedSeconds: 20 }
    const engine = { ...builtin, limits, operations: new OperationRegistry([held]) }
    const source = await storeBytes(engine, Readable.from([Buffer.from('x')]))
    await publishContent(engine, space, source)
    const descriptor = descriptorOf(source, 'held')
    const key = keyOf(descriptor) as EntryKey
    await openEntry(engine, LOCAL_CALLER, key, { descriptor })
    const running = runLeasedAttempt(engine, (await engine.queue.lease(['held'], LEASE_MS))!)
    const found = async () => (await engine.entries.get(space, key)) as EntryRecord
    await until(async () => engine.outputs.find(await found()) !== undefined)
    const leave = engine.outputs.find(await found())!.follow()
    for (let beat = 0; beat < 5; beat++) {
      const { expiresAt } = await found()
      time.now += 10_000
      vi.advanceTimersByTime(LEASE_MS / 3)
      await until(async () => (await found()).expiresAt > expiresAt)
      await sweep(engine)
      expect((await found()).phase.state).toBe('PROCESSING')
    }
    expect(stopped).toBeUndefined()
    leave()
    time.now += 20_000
    await sweep(engine)
    expect((await found()).phase).toMatchObject({ state: 'FAILED' })
    await running
    expect(stopped).toBeDefined()
  })

  test('is not kept by what it tells of itself', async () => {
    const { engine, found, stateAfter } = await opened()
    expect(await stateAfter(DAY_MS - 1)).toBe('PROCESSING')
    const record = await found()
    const phase = { ...record.phase, progress: { fraction: 0.5 } } as EntryPhase
    expect(await changeEntry(engine, record, { phase })).toBeDefined()
    expect(await stateAfter(1)).toBe('FAILED')
  })

  test('leaves the earlier result as it was', async () => {
    const { engine, open, found, stateAfter } = await opened()
    const record = await found()
    const result = { id: record.source as ContentId, size: 1, type: 'text/plain', name: 'x' }
    await changeEntry(engine, record, { phase: { state: 'COMPLETE', result } })
    await open(1)
    expect(await stateAfter(DAY_MS)).toBe('COMPLETE')
    expect((await found()).phase).toMatchObject({ result, refreshError: { code: 'operation-failed' } })
  })
})

test('more than one batch is swept at a time', async () => {
  const { engine, time } = await startEngine()
  for (let salt = 0; salt < 250; salt++) {
    const descriptor = { ...descriptorOf({ id: '0'.repeat(64) }), salt: `${salt}` }
    await openEntry(engine, LOCAL_CALLER, keyOf(descriptor), { descriptor })
  }
  time.now += 31 * DAY_MS
  await sweep(engine)
  expect(await engine.entries.expired(time.now, 1000)).toEqual([])
})
