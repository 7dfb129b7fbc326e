import { Opcache } from '@opcache/sdk'
import { describeFailure } from '../failure/describe-failure.js'
import { clockMs } from '../process/clock.js'
import type { Settings } from '../settings/settings.js'
import { tokenOf } from '../settings/token.js'
import { type Finding, fail, ok, warn } from './finding.js'
import { readClock } from './read-clock.js'

/** Results expire by the server's clock; seconds do not matter. */
const CLOCK_TOLERANCE_MS = 60_000

/** Longer than around the world and back. */
const SLOW_MS = 1_000

/** Whether the server is there, speaks the protocol and takes the token. */
export async function checkServer({ server, token }: Settings, signal: AbortSignal): Promise<Finding[]> {
  if (server === undefined) return [ok('server', 'none is set: each command embeds one')]
  try {
    const cache = new Opcache({ server, token: await tokenOf(token), reconnectTimeoutMs: 0 })
    // Apart from the second one, a request opens a connection.
    await cache.capabilities({ signal })
    const startedAt = clockMs()
    const { protocol, caller, operations } = await cache.capabilities({ signal })
    const latencyMs = Math.round(clockMs() - startedAt)
    cache.close()
    const what = `protocol ${protocol}, ${operations.length} operations, ${latencyMs} ms away`
    return [
      latencyMs < SLOW_MS
        ? ok('server', `${server} answers: ${what}`)
        : warn('server', `${server} answers slowly: ${what}.`, 'Look at the network between.'),
      ok('token', `${token ? `from ${token.origin}` : 'none'}; the server takes you for ${caller.user}`),
      ...(await checkClock(server, signal)),
    ]
  } catch (error) {
    const { code, message, advice, exitStatus } = describeFailure(error)
    const isToken = ['unauthenticated', 'forbidden', 'token-unreadable'].includes(code)
    return [fail(isToken ? 'token' : 'server', message, advice, exitStatus)]
  }
}

async function checkClock(server: string, signal: AbortSignal): Promise<Finding[]> {
  const serverTime = await readClock(server, signal)
  if (serverTime === undefined) return []
  const aheadMs = Date.now() - serverTime
  if (Math.abs(aheadMs) < CLOCK_TOLERANCE_MS) return [ok('clock', 'as that of the server')]
  const seconds = Math.round(Math.abs(aheadMs) / 1000)
  return [
    warn(
      'clock',
      `The clock of this machine is ${seconds} s ${aheadMs > 0 ? 'ahead of' : 'behind'} the server's.`,
      'Have both set by a time server: times of expiry are told by the clock of the server.',
    ),
  ]
}
