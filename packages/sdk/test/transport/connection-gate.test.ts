import { expect, test } from 'vitest'
import { RequestError } from '../../src/errors/request-error.js'
import { ConnectionGate } from '../../src/transport/connection-gate.js'
import { ConnectionLost } from '../../src/transport/connection-lost.js'
import { eventually } from '../support/eventually.js'

const lost = () => new ConnectionLost('cut')
const refusal = (code: RequestError['code'], status: number, retryAfterMs?: number) =>
  new RequestError({ code, status, detail: 'no', retryAfterMs })

/** A gate whose clock is turned by the work, and whose backoff is always zero. */
function gate(reconnectTimeoutMs = 1000) {
  const clock = { now: 0 }
  return { clock, gate: new ConnectionGate({ reconnectTimeoutMs, now: () => clock.now, random: () => 0 }) }
}

/** Work that throws the given failures one after the other, then succeeds. */
function scripted(...failures: Error[]) {
  const attempts: number[] = []
  const work = async ({ attempt }: { attempt: number }) => {
    attempts.push(attempt)
    const failure = failures.shift()
    if (failure) throw failure
    return 'done'
  }
  return { attempts, work, left: failures }
}

test('work is done again after a lost connection and after answers that ask to come later', async () => {
  const { attempts, work, left } = scripted(
    lost(),
    refusal('busy', 503),
    refusal('rate-limited', 429),
    refusal('internal', 500),
    refusal('bad-request', 408),
  )
  expect(await gate().gate.run(work, {})).toBe('done')
  expect(attempts).toEqual([0, 1, 2, 3, 4, 5])
  expect(left).toEqual([])
})

test.for([
  ['bad-request', 400],
  ['forbidden', 403],
  ['entry-not-found', 404],
  ['content-mismatch', 409],
  ['block-mismatch', 422],
] as const)('%s is thrown at once', async ([code, status]) => {
  const { attempts, work } = scripted(refusal(code, status))
  await expect(gate().gate.run(work, {})).rejects.toMatchObject({ code })
  expect(attempts).toEqual([0])
})

test('errors of the caller are thrown at once', async () => {
  const { attempts, work } = scripted(new TypeError('mine'))
  await expect(gate().gate.run(work, {})).rejects.toThrow('mine')
  expect(attempts).toEqual([0])
})

test('a full store is tried two more times only', async () => {
  const full = () => refusal('storage-full', 503)
  const { attempts, work } = scripted(full(), full(), full(), full())
  await expect(gate().gate.run(work, {})).rejects.toMatchObject({ code: 'storage-full' })
  expect(attempts).toEqual([0, 1, 2])
})

test('a budget of zero never tries again', async () => {
  const { attempts, work } = scripted(lost())
  await expect(gate(0).gate.run(work, {})).rejects.toThrow('cut')
  expect(attempts).toEqual([0])
})

test('the budget counts from the last progress', async () => {
  const { gate: one, clock } = gate(1000)
  let attempts = 0
  const work = one.run(async turn => {
    attempts += 1
    clock.now += 600
    if (attempts === 3) turn.progressed()
    throw lost()
  }, {})
  await expect(work).rejects.toThrow('cut')
  // Failures at 600 and 1200; progress at 1800, so the budget counts from the failure there: 1800, 2400, 3000.
  expect(attempts).toBe(5)
})

test('while one probes the others wait, and all go on when it succeeds', async () => {
  const { gate: one } = gate()
  let isDown = true
  let probes = 0
  let release: () => void = () => undefined
  const probing = new Promise<void>(resolve => {
    release = resolve
  })
  const started = { count: 0 }
  const work = async ({ attempt }: { attempt: number }) => {
    started.count += 1
    if (attempt === 0) throw lost()
    if (isDown) {
      probes += 1
      await probing
    }
    return attempt
  }
  const all = Array.from({ length: 5 }, () => one.run(work, {}))
  await eventually(() => probes).toBe(1)
  expect(started.count).toBe(6)
  isDown = false
  release()
  expect(await Promise.all(all)).toEqual([1, 1, 1, 1, 1])
  expect(probes).toBe(1)
})

test('when the budget is spent all who wait fail', async () => {
  const { gate: one, clock } = gate(1000)
  const work = async ({ attempt }: { attempt: number }) => {
    if (attempt > 0) clock.now += 400
    throw lost()
  }
  const ends = await Promise.allSettled(Array.from({ length: 4 }, () => one.run(work, {})))
  expect(ends.map(({ status }) => status)).toEqual(['rejected', 'rejected', 'rejected', 'rejected'])
  // The gate is open again for the next call.
  expect(await one.run(async () => 'fresh', {})).toBe('fresh')
})

test('a prober that is aborted hands over to the next', async () => {
  const { gate: one } = gate()
  const controllers = [new AbortController(), new AbortController()] as const
  const working: number[] = []
  const runs = controllers.map(({ signal }, index) =>
    one.run(
      async ({ attempt }) => {
        if (attempt === 0) throw lost()
        working.push(index)
        if (index === 0) await new Promise((_, reject) => signal.addEventListener('abort', reject))
        return index
      },
      { signal },
    ),
  )
  await eventually(() => working).toEqual([0])
  controllers[0].abort(new Error('enough'))
  await expect(runs[0]).rejects.toThrow('enough')
  expect(await runs[1]).toBe(1)
})

test('an abort ends the wait with its reason', async () => {
  const one = new ConnectionGate({ reconnectTimeoutMs: 60_000, random: () => 1 })
  const controller = new AbortController()
  const waits: [number, number][] = []
  const run = one.run(
    async () => {
      throw refusal('busy', 503, 30_000)
    },
    {
      signal: controller.signal,
      onWait: (attempt, retryInMs) => {
        waits.push([attempt, retryInMs])
        controller.abort(new Error('enough'))
      },
    },
  )
  await expect(run).rejects.toThrow('enough')
  expect(waits).toHaveLength(1)
  expect(waits[0]?.[0]).toBe(1)
  expect(waits[0]?.[1]).toBeGreaterThan(29_000)
})
