import { Readable } from 'node:stream'
import { expect, test } from 'vitest'
import { publishContent, storeBytes } from '../../../src/engine/contents/store-content.js'
import { useContent } from '../../../src/engine/contents/use-content.js'
import { spaceOf } from '../../../src/ports/space.js'
import { countPortCalls } from '../../support/counted-engine.js'
import { startEngine } from '../test-engine.js'

test('a use extends the life of a content, and one that follows at once costs no write', async () => {
  const { engine: plain, time } = await startEngine()
  const { engine, takeCalls } = countPortCalls(plain)
  const stored = await storeBytes(engine, Readable.from([Buffer.from('used')]))
  const fresh = await publishContent(engine, spaceOf('default'), stored)
  takeCalls()
  await useContent(engine, fresh)
  expect(takeCalls()).toEqual({})
  time.now += 60_000
  await useContent(engine, fresh)
  expect(takeCalls()).toEqual({ 'contents.extend': 1 })
  expect((await engine.contents.get(fresh))?.expiresAt).toBe(fresh.expiresAt + 60_000)
})
