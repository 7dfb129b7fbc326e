import { ERROR_TABLE, isErrorCode, MEDIA_TYPES } from '@opcache/protocol'
import { Ajv } from 'ajv'
import { paths } from '../support/documented-answers.js'
import type { Exchanged, RawAnswer } from './exchange.js'
import type { FuzzRequest } from './requests.js'

/** Headers that the server has a reason to send; any other one was brought in by a client. */
const KNOWN_HEADERS =
  /^(date|connection|keep-alive|content-(type|length|range|disposition)|transfer-encoding|opcache-[a-z-]+|x-request-id|cache-control|retry-after|www-authenticate|allow|etag|accept-ranges|x-content-type-options|location)$/

interface Documented {
  readonly content?: Record<string, { readonly schema?: object }>
}

const ajv = new Ajv({ strict: false })

/** What is wrong with what came back; nothing, when all is well. */
export function objections(request: FuzzRequest, { answers, rest, isStuck }: Exchanged): string[] {
  const all = answers.flatMap(answer => objectionsTo(request, answer))
  if (isStuck) all.push('neither an answer nor an end of the connection')
  if (!request.isWhole) return all
  const isEvents = rest.toString('latin1').includes(MEDIA_TYPES.events)
  if (answers.length !== 1 && !isEvents) all.push(`${answers.length} answers to one request`)
  if (rest.length > 0 && !isEvents)
    all.push(`${rest.length} bytes after the answer, or of one without an end`)
  return all
}

function objectionsTo(request: FuzzRequest, { status, headers, body }: RawAnswer): string[] {
  const found: string[] = []
  const value = (name: string) => headers.find(([each]) => each === name)?.[1]
  for (const [name] of headers) if (!KNOWN_HEADERS.test(name)) found.push(`a header "${name}"`)
  if (value('opcache-protocol') !== '1') found.push(`${status} without the protocol's version`)
  const type = value('content-type') ?? ''
  const isRead = request.method !== 'HEAD'
  if (status >= 400 && isRead && status !== 503) found.push(...objectionsToProblem(status, type, body))
  if (status >= 500 && status !== 503) found.push(`${status}`)
  if (
    (status === 503 || status === 429) &&
    value('retry-after') === undefined &&
    type === MEDIA_TYPES.problem
  ) {
    found.push(`${status} without Retry-After`)
  }
  if (request.isWhole && request.isPlain)
    found.push(...objectionsToDocument(request, status, type, isRead ? body : undefined))
  return found
}

function objectionsToProblem(status: number, type: string, body: Buffer): string[] {
  if (!type.startsWith(MEDIA_TYPES.problem)) return [`${status} as "${type}"`]
  const { code, status: told, detail } = JSON.parse(body.toString()) as Record<string, unknown>
  const isKnown = isErrorCode(code) && ERROR_TABLE[code].status === status && told === status
  return isKnown && typeof detail === 'string' ? [] : [`${status} with the code "${code}"`]
}

/** Against the description that the server gives of itself. */
function objectionsToDocument(
  { route }: FuzzRequest,
  status: number,
  type: string,
  body: Buffer | undefined,
): string[] {
  const [method = '', url = ''] = route.split(' ')
  const responses = paths[url.replace(/:(\w+)/g, '{$1}')]?.[method.toLowerCase()]?.responses
  const documented = responses?.[status] as Documented | undefined
  if (!documented) return [`${status}, which ${route} does not document`]
  const schema = type.startsWith(MEDIA_TYPES.json)
    ? documented.content?.[MEDIA_TYPES.json]?.schema
    : undefined
  if (!schema || !body) return []
  const check = ajv.compile(schema)
  return check(JSON.parse(body.toString())) ? [] : [`${status} with ${ajv.errorsText(check.errors)}`]
}
