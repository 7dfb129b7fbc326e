import { Readable } from 'node:stream'
import { buffer } from 'node:stream/consumers'
import { describe, expect, test } from 'vitest'
import { Holds } from '../../../src/engine/contents/holds.js'
import { readContent } from '../../../src/engine/contents/read-content.js'
import { publishContent, storeBytes } from '../../../src/engine/contents/store-content.js'
import type { Engine } from '../../../src/engine/engine.js'
import { evictableBytes, evictWhile } from '../../../src/engine/upkeep/lru.js'
import type { ContentRecord } from '../../../src/ports/content-store.js'
import { spaceOf } from '../../../src/ports/space.js'
import { countPortCalls } from '../../support/counted-engine.js'
import { startEngine } from '../test-engine.js'

const BYTES = Buffer.from('a result that somebody was told of')

describe('a content that somebody was told of', () => {
  test('stays for as long as clients count on, and uses that follow at once cost no write', async () => {
    const { engine, time, takeCalls, content, hold } = await told()
    takeCalls()
    for (let use = 0; use < 5; use++) await hold()
    expect(takeCalls()['contents.extend']).toBeUndefined()
    time.now += engine.limits.resultHoldSeconds * 1000 - 1
    expect(await evict(engine)).toBe(0)
    time.now += engine.limits.resultHoldSeconds * 1000
    expect(await evict(engine)).toBe(1)
    expect(await hold(content)).toBe(false)
  })

  test('may go once all of it was given, in however many pieces', async () => {
    const { engine, current } = await told()
    await give(engine, await current(), 0, 10)
    expect(await evict(engine)).toBe(0)
    await give(engine, await current(), 10)
    expect(await evict(engine)).toBe(1)
  })

  test('may go where who was told has it already', async () => {
    const { engine, current } = await told()
    engine.holds.waive(await current())
    expect(await evict(engine)).toBe(1)
  })

  test('stays where its reader gave up: he comes again', async () => {
    const { engine, current } = await told()
    const reading = readContent(engine, await current())
    reading.destroy()
    await new Promise(resolve => reading.once('close', resolve))
    expect(await evict(engine)).toBe(0)
  })

  test('stays while it is read, whatever was given to others', async () => {
    const { engine, current } = await told()
    const reading = readContent(engine, await current())
    await give(engine, await current())
    expect(await evict(engine)).toBe(0)
    expect((await buffer(reading)).equals(BYTES)).toBe(true)
    expect(await evict(engine)).toBe(1)
  })

  test('stays when somebody is told anew', async () => {
    const { engine, current, hold } = await told()
    await give(engine, await current())
    await hold()
    expect(await evict(engine)).toBe(0)
    await give(engine, await current())
    expect(await evict(engine)).toBe(1)
  })

  test('stays for those whom another process told, before or after', async () => {
    const { engine, current, time } = await told()
    const { contents, limits, now, report } = engine
    const others = new Holds({ contents, limits, now, expiry: () => time.now + 1e9, report })
    time.now += 1
    await others.hold(await current())
    await give(engine, await current())
    expect(await evict(engine)).toBe(0)
    // Theirs is over, and not what they found there.
    others.waive(await current())
    expect(await evict({ ...engine, holds: others })).toBe(0)
    time.now += limits.resultHoldSeconds * 2000
    expect(await evict(engine)).toBe(1)
  })
})

/** An engine with one content, of which somebody was told. */
async function told() {
  const { engine: plain, time } = await startEngine()
  const { engine, takeCalls } = countPortCalls(plain)
  const { contents, limits, now, report } = engine
  const holds = new Holds({ contents, limits, now, expiry: () => now() + 1e9, report })
  const holding = { ...engine, holds }
  const content = await publishContent(
    holding,
    spaceOf('default'),
    await storeBytes(holding, Readable.from([BYTES])),
  )
  const current = async () => (await contents.get(content)) as ContentRecord
  const hold = async (record?: ContentRecord) => holds.hold(record ?? (await current()))
  await hold()
  return { engine: holding, time, takeCalls, content, current, hold }
}

async function give(engine: Engine, content: ContentRecord, start?: number, end?: number): Promise<void> {
  await buffer(readContent(engine, content, start, end))
}

/** Evicts what can be. Answers how many contents went, of which it was told before. */
async function evict(engine: Engine): Promise<number> {
  const { holds, now } = engine
  const context = { drivers: engine, holds, now: now(), expiresAt: now() + 1e9 }
  const evictable = await evictableBytes(context, 1)
  const { contents } = await evictWhile(context, () => true)
  expect(evictable).toBe(contents * BYTES.length)
  return contents
}
