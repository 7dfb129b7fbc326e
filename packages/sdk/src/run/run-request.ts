import {
  BLOCK_BYTES,
  blockCount,
  type EntryDocument,
  formatParameterQuery,
  HEADERS,
  loadBlake3,
  MEDIA_TYPES,
  PATHS,
  type ResultDocument,
  type Served,
} from '@opcache/protocol'
import { isLarge } from '../download/pieces.js'
import { ResultRange } from '../download/result-range.js'
import { verifyWhole } from '../download/verify-block.js'
import type { EntryPlan } from '../entry/plan-entry.js'
import { spaceHeader } from '../entry/space-header.js'
import { isIntegrityError } from '../errors/integrity-error.js'
import { isRequestError, RequestError } from '../errors/request-error.js'
import type { Identified } from '../identify/identified.js'
import type { RunOptions } from '../options.js'
import type { Call } from '../transport/call.js'
import type { Connection } from '../transport/connection.js'
import { ConnectionLost } from '../transport/connection-lost.js'
import type { Answer, Exchange, StreamedBody } from '../transport/exchange.js'
import { sourceBody } from '../upload/source-body.js'
import { UploadLedger } from '../upload/upload-ledger.js'
import { verifySource } from '../upload/verify-source.js'
import type { EarlyBytes } from './cached-result.js'
import { readResultHead } from './result-head.js'

/** Waiting longer is done by the key, where it shows progress and stands a lost connection. */
const RUN_WAIT_SECONDS = 5

/** Longer queries are refused by what stands between client and server. */
const QUERY_LIMIT = 2_000

/** How often a body may arrive damaged although the source is as it was. */
const DAMAGE_LIMIT = 2

/** What one request did. */
export interface RunAnswer {
  readonly served: Served
  readonly uploadedBytes: number
  readonly uploadedBlocks: number
  /** The result, where it is done. */
  readonly result: ResultDocument | undefined
  /** What came of its bytes. */
  readonly early: EarlyBytes
}

/** Whether a single `run` request can say all that the caller asks for. */
export function fitsRunRequest({ descriptor }: EntryPlan, options: RunOptions): boolean {
  const isPlain = !options.resource && !options.unshared && !options.refresh && !options.onlyIfCached
  // Header values carry visible ASCII only.
  const isHeaderSafe = /^[\x21-\x7e]+$/.test(descriptor.salt ?? '-')
  return isPlain && isHeaderSafe && formatParameterQuery(descriptor.operation.params).length <= QUERY_LIMIT
}

/**
 * Asks, uploads and downloads in one request. The body is sent only when the server wants it. Undefined when the
 * connection was lost while a body of several blocks was sent: a server keeps nothing of what a request did not bring
 * whole, so that on a bad line it has to come in parts.
 *
 * @throws SourceChangedError
 */
export async function runInOneRequest(
  connection: Connection,
  call: Call,
  plan: EntryPlan,
  identified: Identified,
  { waitTimeoutMs, leaveResult = false }: RunOptions,
): Promise<RunAnswer | undefined> {
  call.progress.report({ phase: 'asking', key: plan.key })
  const reader = await identified.source.open()
  // A limited wait is measured where it is exact: by the key.
  const waitSeconds = waitTimeoutMs === undefined ? RUN_WAIT_SECONDS : 0
  const sending = { hasBegun: false }
  const exchange = runExchange(plan, identified, noted(sourceBody(reader, 0, identified.size), sending), {
    waitSeconds,
    leaveResult,
  })
  const ledger = new UploadLedger(identified.size, call.progress)
  let damages = 0
  try {
    return await connection.attempt(call, async () => {
      if (sending.hasBegun && identified.size > BLOCK_BYTES) {
        // Asked for nothing but to see that the server is there again.
        await (await connection.send({ method: 'GET', path: PATHS.capabilities }, call)).bytes()
        return undefined
      }
      await reader.assertUnchanged()
      const answer = await connection.send(exchange, call, plan.key).catch(async error => {
        if (!isRequestError(error) || error.code !== 'content-mismatch') throw error
        await verifySource(identified.source, identified, [0, blockCount(identified.size)])
        if (++damages > DAMAGE_LIMIT) throw error
        throw new ConnectionLost('the source was damaged on the way', { cause: error })
      })
      return readRunAnswer(answer, plan, identified, ledger)
    })
  } finally {
    await reader.close()
  }
}

function runExchange(
  { descriptor, isPrivate }: EntryPlan,
  identified: Identified,
  body: Exchange['body'],
  { waitSeconds, leaveResult }: { waitSeconds: number; leaveResult: boolean },
): Exchange {
  const { operation, salt } = descriptor
  const query = formatParameterQuery(operation.params)
  return {
    method: 'POST',
    path: `${PATHS.run(encodeURIComponent(operation.name))}${query && `?${query}`}`,
    headers: {
      'content-type': MEDIA_TYPES.bytes,
      [HEADERS.content]: identified.id,
      prefer: `wait=${waitSeconds}${leaveResult ? ', return=minimal' : ''}`,
      ...spaceHeader(isPrivate),
      ...(salt !== undefined && { [HEADERS.salt]: salt }),
    },
    body,
    heldMs: waitSeconds * 1000,
  }
}

/** A body that notes that it is sent. */
function noted(body: Uint8Array | StreamedBody, sending: { hasBegun: boolean }): Uint8Array | StreamedBody {
  if (body instanceof Uint8Array) return body
  return {
    length: body.length,
    chunks: () => {
      sending.hasBegun = true
      return body.chunks()
    },
  }
}

async function readRunAnswer(
  answer: Answer,
  plan: EntryPlan,
  identified: Identified,
  ledger: UploadLedger,
): Promise<RunAnswer> {
  assertKey(answer, plan)
  const served = answer.headers[HEADERS.served] as Served
  if (answer.sentBytes > 0) ledger.acknowledge([0, blockCount(identified.size)])
  if (answer.headers['preference-applied'] === 'return=minimal') {
    const { result } = JSON.parse(Buffer.from(await answer.bytes()).toString()) as EntryDocument
    return { served, ...ledger.report(), result, early: {} }
  }
  const head = answer.status === 200 ? readResultHead(answer.headers) : undefined
  const early = head ? await takeEarly(answer, head) : {}
  if (!early.running) answer.close()
  return { served, ...ledger.report(), result: head, early }
}

/** A small result is taken at once; a large one is left to whoever reads on. Damage and loss are healed by a download. */
async function takeEarly(answer: Answer, { id, size }: ResultDocument): Promise<EarlyBytes> {
  if (isLarge(size)) return { running: ResultRange.of(answer) }
  try {
    const held = await answer.bytes()
    verifyWhole(await loadBlake3(), id, held)
    return { held }
  } catch (error) {
    if (error instanceof ConnectionLost || isIntegrityError(error)) return {}
    throw error
  }
}

/** The server derives the key by itself; it is another one when `user` is not the caller. */
function assertKey(answer: Answer, { key, descriptor }: EntryPlan): void {
  if (answer.headers[HEADERS.key] === key) return
  answer.close()
  throw new RequestError({
    code: descriptor.user === undefined ? 'key-mismatch' : 'forbidden',
    status: descriptor.user === undefined ? 422 : 403,
    detail:
      descriptor.user === undefined
        ? 'The server derived another key from the same call.'
        : `The private space of "${descriptor.user}" is not that of the user whose token this client has.`,
  })
}
