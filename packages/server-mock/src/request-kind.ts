/** What a request of the protocol is for. */
export type RequestKind =
  | 'capabilities'
  | 'open'
  | 'status'
  | 'events'
  | 'result'
  | 'source'
  | 'delete'
  | 'list'
  | 'declare'
  | 'content'
  | 'manifest'
  | 'part'
  | 'seal'
  | 'run'
  | 'other'

const ROUTES: readonly [method: string, path: RegExp, kind: RequestKind][] = [
  ['GET', /^\/v1$/, 'capabilities'],
  ['GET', /^\/v1\/entries$/, 'list'],
  ['POST', /^\/v1\/entries\/[^/]+$/, 'open'],
  ['GET', /^\/v1\/entries\/[^/]+$/, 'status'],
  ['DELETE', /^\/v1\/entries\/[^/]+$/, 'delete'],
  ['GET', /^\/v1\/entries\/[^/]+\/result$/, 'result'],
  ['GET', /^\/v1\/entries\/[^/]+\/source$/, 'source'],
  ['PUT', /^\/v1\/contents\/[^/]+$/, 'declare'],
  ['GET', /^\/v1\/contents\/[^/]+$/, 'content'],
  ['GET', /^\/v1\/contents\/[^/]+\/manifest$/, 'manifest'],
  ['PUT', /^\/v1\/contents\/[^/]+\/blocks\/[^/]+$/, 'part'],
  ['POST', /^\/v1\/contents\/[^/]+\/seal$/, 'seal'],
  ['POST', /^\/v1\/run\/[^/]+$/, 'run'],
]

/** What a request is for, by its method and address; `events` is a status that is streamed. */
export function requestKind(method: string, url: string, accept: string | undefined): RequestKind {
  const path = url.split('?')[0] ?? ''
  const kind = ROUTES.find(([known, pattern]) => known === method && pattern.test(path))?.[2] ?? 'other'
  return kind === 'status' && accept?.includes('text/event-stream') ? 'events' : kind
}
