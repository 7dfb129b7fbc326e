import { type ErrorCode, HEADERS, isErrorCode, type Problem } from '@opcache/protocol'
import { NotOpcacheError } from '../errors/not-opcache-error.js'
import type { OpcacheError } from '../errors/opcache-error.js'
import { OperationFailedError } from '../errors/operation-failed-error.js'
import { RequestError } from '../errors/request-error.js'
import { ConnectionLost } from './connection-lost.js'
import type { Answer } from './exchange.js'
import { parseRetryAfter } from './next-delay.js'

/** What stands between client and server, such as a proxy, answers so while the server is away. */
const GATEWAY_STATUS = new Set([502, 503, 504])

/** Whether the answer comes from a server of this protocol. @throws NotOpcacheError, ConnectionLost for a gateway's */
export function assertIsOpcache(answer: Answer, url: string): void {
  if (answer.headers[HEADERS.protocol] === '1') return
  answer.close()
  if (!GATEWAY_STATUS.has(answer.status)) throw new NotOpcacheError(url)
  throw new ConnectionLost(`something on the way answers ${answer.status}`, {
    retryAfterMs: retryAfter(answer),
  })
}

/** The error that an answer of status 400 or more carries. */
export async function refusalOf(answer: Answer, key: string | undefined): Promise<OpcacheError> {
  const problem = readProblem(await answer.bytes())
  const code = isErrorCode(problem.code) ? problem.code : codeOfStatus(answer.status)
  const detail = problem.detail ?? `The server answered ${answer.status} without saying why.`
  const entryKey = header(answer, HEADERS.key) ?? key
  if (code === 'operation-failed' && entryKey) {
    return new OperationFailedError(entryKey, detail, problem.deterministic ?? false)
  }
  return new RequestError({
    code,
    detail,
    status: answer.status,
    requestId: header(answer, 'x-request-id'),
    block: problem.block,
    retryAfterMs: retryAfter(answer),
  })
}

function readProblem(body: Uint8Array): Partial<Problem> {
  try {
    const value: unknown = JSON.parse(Buffer.from(body).toString())
    return typeof value === 'object' && value !== null ? value : {}
  } catch {
    return {}
  }
}

/** A later version of the protocol may know codes that this one does not. */
function codeOfStatus(status: number): ErrorCode {
  return status >= 500 ? 'internal' : 'bad-request'
}

function header(answer: Answer, name: string): string | undefined {
  const value = answer.headers[name]
  return Array.isArray(value) ? value[0] : value
}

function retryAfter(answer: Answer): number | undefined {
  return parseRetryAfter(answer.headers['retry-after'], Date.now())
}
