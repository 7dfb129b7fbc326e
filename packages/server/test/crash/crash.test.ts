import { rm } from 'node:fs/promises'
import { expect, test } from 'vitest'
import { openCache } from '../../src/index.js'
import { TestServer, temporaryFolder } from '../support/test-server.js'
import { until } from '../support/until.js'
import { Client } from './client.js'
import { CrashingServer, type CrashPoint, type WorkedServer } from './crashing-server.js'
import { changingMethods } from './fixtures/crash-points.mjs'
import { markedOperations } from './fixtures/marked-operations.mjs'
import {
  damageBlobs,
  expectAcknowledged,
  expectNoLeak,
  expectNoRecordWithoutBytes,
  expectSingleRuns,
  expectWholeResults,
  isEmpty,
  untilSettled,
} from './invariants.js'

/** The long form is `pnpm crash`: every call, at every moment. */
const isLong = process.env.CRASH_POINTS === 'all'

/** Points that are tried at a time, each in a folder of its own. */
const AT_A_TIME = 3

const MOMENTS = ['before', 'during', 'after'] as const
const DAY_MS = 24 * 3600 * 1000

/** What a server is at when it ends. */
interface Scenario {
  readonly name: string
  /** What an earlier server was at, until it was killed. @default there was none */
  readonly prepare?: (client: Client, server: WorkedServer) => Promise<void>
  readonly limits?: Record<string, number>
  readonly clockAheadMs?: number
  /** Whether what was stored before may be gone in the end. */
  readonly isForgetting?: boolean
  /** Whether what was stored before has become wrong, so that results are not right until it is done. */
  readonly isDamaged?: boolean
  /** Bytes that are stored in the end at least. @default 0 */
  readonly keptBytes?: number
  /** What is repeated after a restart until it has come to its end. */
  readonly act: (client: Client, server: WorkedServer) => Promise<void>
}

const SCENARIOS: Scenario[] = [
  { name: 'uploads, streams, attempts', act: (client, { url }) => client.work(url) },
  {
    name: 'going on after an unclean stop',
    prepare: (client, { url }) => client.begin(url),
    act: (client, { url }) => client.goOn(url),
  },
  {
    name: 'stopping, keeping and giving back attempts',
    limits: { attemptGraceMs: 0 },
    act: (client, { url }) => client.interrupt(url),
  },
  {
    name: 'an eviction',
    prepare: (client, { url }) => client.work(url),
    limits: { maxStoreBytes: 16_000_000, resultHoldSeconds: 0 },
    isForgetting: true,
    keptBytes: 8_000_000,
    act: (client, { url }) => client.workLate(url),
  },
  {
    name: 'a sweep',
    prepare: (client, { url }) => client.work(url),
    clockAheadMs: 40 * DAY_MS,
    isForgetting: true,
    act: ({ folder }) => until(() => isEmpty(folder)),
  },
  {
    name: 'a verification of damaged bytes',
    prepare: async (client, { url }) => {
      await client.work(url)
      await client.begin(url)
      await damageBlobs(client.folder)
    },
    isForgetting: true,
    isDamaged: true,
    act: (_, server) => server.verify().then(() => undefined),
  },
]

/** What an earlier scenario was killed at. */
const tried = new Set<string>()

test.each(SCENARIOS)(
  'a server that is killed at any step of $name loses and leaks nothing',
  { timeout: 14_400_000 },
  async scenario => {
    const points = choose((await crash(scenario)).calls)
    const missed: CrashPoint[] = []
    for (let first = 0; first < points.length; first += AT_A_TIME) {
      const crashing = points.slice(first, first + AT_A_TIME).map(async point => {
        const { crashed } = await crash(scenario, point).catch(error => {
          const { method, call, moment } = point
          throw new Error(`Killed ${moment} call ${call} of ${method}: ${error.message}`, { cause: error })
        })
        if (!crashed) missed.push(point)
      })
      await Promise.all(crashing)
    }
    if (isLong) console.log(`${scenario.name}: ${points.length} points, ${missed.length} of them not reached`)
    // How often a server calls what differs a little from run to run, but its first calls always come.
    expect(missed.filter(({ call }) => call === 1)).toEqual([])
  },
)

test('every method that changes something was killed', () => {
  expect([...tried].sort()).toEqual(changingMethods().sort())
})

/** Kills a server at a point, starts another one, and looks at what it has. */
async function crash(scenario: Scenario, point?: CrashPoint) {
  const { act, prepare, clockAheadMs = 0, isForgetting = false, isDamaged = false, keptBytes = 0 } = scenario
  const shared = { retryDelayMs: 1, maxLoopDelayMs: 1e9, resultHoldSeconds: 1 }
  const limits = { ...shared, ...scenario.limits }
  const folder = await temporaryFolder()
  const client = new Client(folder)
  if (prepare) {
    await CrashingServer.run(folder, { limits: shared, clockAheadMs: 0, isKilled: true }, server =>
      prepare(client, server),
    )
    if (isForgetting) client.acknowledged.clear()
  }
  const ended = await CrashingServer.run(folder, { ...(point && { point }), limits, clockAheadMs }, server =>
    act(client, server),
  )
  await expectNoRecordWithoutBytes(folder)
  const after = await TestServer.start(
    { folder },
    { operations: markedOperations, limits, now: () => Date.now() + clockAheadMs },
  )
  await expectAcknowledged(after.url, client)
  if (!isDamaged) await expectWholeResults(after.url, isForgetting)
  await act(client, { url: after.url, verify: () => verify(folder) })
  await untilSettled(after.url)
  await expectAcknowledged(after.url, client)
  await expectWholeResults(after.url, isForgetting)
  // Who asks for a result that was evicted has it made again.
  await untilSettled(after.url)
  await expectSingleRuns(folder)
  await after.server.close()
  await expectNoLeak(folder, keptBytes)
  await rm(folder, { recursive: true, force: true })
  return ended
}

async function verify(folder: string): Promise<void> {
  await using cache = await openCache(folder)
  await cache.verify()
}

/** Every point; or one of each method that no scenario before was killed at: its first or its last call. */
function choose(calls: Record<string, number>): CrashPoint[] {
  return Object.entries(calls)
    .sort()
    .filter(([method]) => isLong || !tried.has(method))
    .flatMap(([method, count]) => {
      tried.add(method)
      // That a job is asked for changes nothing; that one is given does.
      const moments = method === 'queue.lease' ? (['after'] as const) : MOMENTS
      const index = tried.size
      if (!isLong) return [{ method, call: index % 2 ? count : 1, moment: moments[index % moments.length]! }]
      const all = Array.from({ length: count }, (_, before) => before + 1)
      return all.flatMap(call => moments.map(moment => ({ method, call, moment })))
    })
}
