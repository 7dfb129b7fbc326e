import { type ChildProcess, fork } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import fc from 'fast-check'
import { expect, onTestFinished, test } from 'vitest'
import { DOCUMENTED_ROUTES } from '../../src/http/openapi/documented-routes.js'
import { Tokens } from '../support/credentials.js'
import { send } from '../support/send.js'
import { temporaryFolder } from '../support/test-server.js'
import { until } from '../support/until.js'
import { exchange } from './exchange.js'
import { fittingShapes } from './fitting.js'
import { objections } from './judge.js'
import { MOST_ENTRIES, SUBJECT } from './pool.js'
import { type FuzzRequest, fuzzRequest, fuzzRequests } from './requests.js'

/** The long form is `pnpm fuzz`. */
const REQUESTS = Number(process.env.FUZZ_REQUESTS ?? 2_000)
const SEED = Number(process.env.FUZZ_SEED ?? Math.floor(Math.random() * 2 ** 31))

/** Requests that are under way at a time. */
const AT_A_TIME = 8

/** What a server holds. */
interface Held {
  readonly heapBytes: number
  readonly residentBytes: number
  readonly descriptors: number
  readonly blobs: number
  readonly reports: readonly string[]
}

test(`requests of all kinds get known answers and leave nothing (FUZZ_SEED=${SEED})`, {
  timeout: 3_600_000,
}, async () => {
  const tokens = await Tokens.make()
  const [anna, bert, admin] = [
    await tokens.add({ user: 'anna' }),
    await tokens.add({ user: 'anna', namespace: 'other', scopes: ['read'] }),
    await tokens.add({ user: 'anna', scopes: ['read', 'upload', 'execute', 'admin'] }),
  ]
  const child = startFuzzed(await temporaryFolder(), tokens.path)
  const [url] = (await once(child, 'message')) as [string]
  const port = Number(new URL(url).port)
  const seen = new Map<string, number>()
  const request = fuzzRequests([anna, bert, admin].map(({ authorization }) => authorization))
  const batch = fc.array(request, { minLength: AT_A_TIME, maxLength: AT_A_TIME })

  const ask = async (request: FuzzRequest) => {
    const exchanged = await exchange(port, request.bytes, request)
    const text = request.bytes.subarray(0, 600).toString('latin1')
    const found = objections(request, exchanged).map(objection => `${objection}, to ${text}`)
    return { statuses: exchanged.answers.map(({ status }) => status), found }
  }

  const askWhatFits = async () => {
    const shapes = fittingShapes({ ...SUBJECT, stream: `u-${randomUUID()}` })
    expect(new Set(shapes.map(({ route }) => route))).toEqual(new Set(Object.keys(DOCUMENTED_ROUTES)))
    for (const shape of shapes) {
      const request = fuzzRequest(shape, admin.authorization)
      let answer = await ask(request)
      // Told to come back, for what is not done or for want of time, it does.
      while ([202, 503].includes(answer.statuses[0] ?? 0)) answer = await ask(request)
      expect(answer, shape.route).toEqual({ statuses: [expect.toBeOneOf([200, 204])], found: [] })
    }
  }

  const fuzz = (requests: number, seed: number) =>
    fc.assert(
      fc.asyncProperty(batch, async requests => {
        const found = await Promise.all(
          requests.map(async each => {
            const { statuses, found } = await ask(each)
            for (const status of statuses) count(seen, `${each.route} ${status}`)
            return found
          }),
        )
        expect(found.flat()).toEqual([])
        expect(child.exitCode ?? child.signalCode).toBe(null)
      }),
      { numRuns: Math.ceil(requests / AT_A_TIME), seed, endOnFailure: process.env.FUZZ_SEED === undefined },
    )

  await askWhatFits()
  await fuzz(REQUESTS / 4, SEED)
  const before = await held(child)
  await fuzz((REQUESTS * 3) / 4, SEED + 1)
  let after = await held(child)
  await until(async () => {
    after = await held(child)
    return after.descriptors <= before.descriptors
  })
  expect(after.reports).toEqual([])
  await until(async () => {
    const { text } = await send(`${url}/metrics`, { headers: admin })
    return /^opcache_uploads 0$/m.test(text) && /^opcache_waits 0$/m.test(text)
  })
  const { entries } = (await send(`${url}/v1/entries?limit=1000`, { headers: admin })).json
  expect(entries.length).toBeLessThanOrEqual(MOST_ENTRIES)
  // Each entry has a result at most, beside the few sources and streams.
  expect(after.blobs).toBeLessThanOrEqual(MOST_ENTRIES)
  // What is held in memory does not go by what was asked.
  expect(after.heapBytes - before.heapBytes).toBeLessThan(16 * 2 ** 20)
  // A fuzz that only meets refusals has met nothing. Which route it meets well how often is a matter of chance.
  const well = [...seen].filter(([name]) => / [23]\d\d$/.test(name)).map(([, times]) => times)
  expect(well.reduce((sum, times) => sum + times, 0)).toBeGreaterThan(REQUESTS / 10)
  await askWhatFits()
  if (process.env.FUZZ_REQUESTS !== undefined) tell(seen, before, after, entries.length)
})

function startFuzzed(folder: string, tokens: string): ChildProcess {
  const script = fileURLToPath(new URL('../fixtures/fuzzed-server.mjs', import.meta.url))
  const child = fork(script, [folder, tokens], { execArgv: ['--expose-gc'] })
  onTestFinished(() => void child.kill('SIGKILL'))
  return child
}

async function held(child: ChildProcess): Promise<Held> {
  const answered = once(child, 'message')
  child.send('held')
  return (await answered)[0] as Held
}

function count(counts: Map<string, number>, name: string): void {
  counts.set(name, (counts.get(name) ?? 0) + 1)
}

function tell(seen: ReadonlyMap<string, number>, before: Held, after: Held, entries: number): void {
  const mib = (bytes: number) => `${(bytes / 2 ** 20).toFixed(1)} MiB`
  for (const [name, times] of [...seen].sort()) console.log(`${name} ${times}`)
  console.log(
    `after a quarter of the requests, and after all of them: ${mib(before.heapBytes)} and ${mib(after.heapBytes)} of heap, ` +
      `${mib(before.residentBytes)} and ${mib(after.residentBytes)} resident, ${before.descriptors} and ${after.descriptors} descriptors, ` +
      `${before.blobs} and ${after.blobs} blobs; ${entries} entries`,
  )
}
