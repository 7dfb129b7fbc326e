import { existsSync } from 'node:fs'
import { Readable } from 'node:stream'
import { PATHS } from '@opcache/protocol'
import { expect, onTestFinished, test } from 'vitest'
import { waiters } from '../../../../scripts/waiters.mjs'
import { LOCAL_CALLER } from '../../src/engine/caller.js'
import { publishContent, storeBytes } from '../../src/engine/contents/store-content.js'
import { changeEntry } from '../../src/engine/entries/change-entry.js'
import { openEntry } from '../../src/engine/entries/open-entry.js'
import { createApp } from '../../src/http/create-app.js'
import { spaceOf } from '../../src/ports/space.js'
import { startEngine } from '../engine/test-engine.js'
import { contentOf, descriptorOf, keyOf } from '../support/content.js'
import { countPortCalls, type PortCalls } from '../support/counted-engine.js'
import { send } from '../support/send.js'
import { until } from '../support/until.js'

const space = spaceOf('default')
const content = contentOf('waited for')
const descriptor = descriptorOf(content)

/** Has so many clients wait for an entry, half of them by long poll and half by events, and counts what their end costs. */
async function callsToWake(clients: number): Promise<PortCalls> {
  const { engine, takeCalls } = countPortCalls((await startEngine()).engine)
  const { app } = await createApp(engine, {})
  onTestFinished(() => app.close())
  const url = await app.listen({ port: 0, host: '127.0.0.1' })
  await publishContent(engine, space, await storeBytes(engine, Readable.from([content.bytes])))
  const { record } = await openEntry(engine, LOCAL_CALLER, keyOf(descriptor), { descriptor })
  const waiting = Array.from({ length: clients }, (_, at) => {
    const headers: Record<string, string> =
      at % 2 === 0 ? { prefer: 'wait=300' } : { accept: 'text/event-stream' }
    return send(url + PATHS.entry(record.key), { headers })
  })
  await until(() => app.waits.taken === clients)
  // Of those that came last, too, the first look is over.
  await new Promise(setImmediate)
  takeCalls()
  const result = { id: content.id, size: content.size, type: 'a/b', name: 'result' }
  await changeEntry(engine, record, { phase: { state: 'COMPLETE', result } })
  const answers = await Promise.all(waiting)
  const woken = answers.filter(({ text }) => text.includes('"state":"COMPLETE","revision":3'))
  expect(woken).toHaveLength(clients)
  return takeCalls()
}

test('what is read to wake five hundred clients is what is read to wake two', async () => {
  const { 'entries.get': reads, ...others } = await callsToWake(2)
  expect(reads).toBe(1)
  expect(await callsToWake(500)).toEqual({ 'entries.get': reads, ...others })
})

const isMeasurable = existsSync('/proc/self/status')

test.skipIf(!isMeasurable)(
  'five hundred clients of a server in a process of its own are all woken',
  async () => {
    const { woken, peakMib } = await waiters(500)
    expect(woken).toBe(500)
    expect(peakMib).toBeLessThan(200)
  },
)
