import { ERROR_TABLE, type ErrorCode, HEADERS, MEDIA_TYPES } from '@opcache/protocol'
import { Problem } from '@opcache/protocol/schemas'
import type { Route } from '../route-table.js'
import type { Body, DocumentedRoute } from './documented-route.js'
import { DOCUMENTED_ROUTES } from './documented-routes.js'

/** What any route may answer; 417 where an expectation is none that is understood. */
const ALWAYS: readonly ErrorCode[] = ['bad-request', 'expectation-failed', 'rate-limited', 'internal', 'busy']

/** What any route may answer that asks who asks. */
const GUARDED: readonly ErrorCode[] = ['unauthenticated', 'forbidden']

/** The description of a server with these routes, as OpenAPI 3.1. @throws Error for a route that is not documented */
export function openApiDocument(routes: readonly Route[]): Record<string, unknown> {
  const paths: Record<string, Record<string, unknown>> = {}
  // Those with HEAD are described by those with GET.
  for (const { method, url } of routes.filter(route => route.method !== 'HEAD')) {
    const documented = DOCUMENTED_ROUTES[`${method} ${url}`]
    if (!documented) throw new Error(`The route ${method} ${url} is not documented.`)
    const path = url.replace(/:(\w+)/g, '{$1}')
    paths[path] = { ...paths[path], [method.toLowerCase()]: operation(url, documented) }
  }
  return {
    openapi: '3.1.0',
    info: {
      title: 'opcache',
      version: '1',
      description:
        'An operation cache: the same bytes and the same operation are never uploaded and never computed twice.',
      license: { name: 'MIT', identifier: 'MIT' },
    },
    paths,
    components: {
      schemas: { Problem },
      securitySchemes: { bearer: { type: 'http', scheme: 'bearer' } },
    },
    security: [{ bearer: [] }, {}],
  }
}

function operation(url: string, route: DocumentedRoute): Record<string, unknown> {
  const named = [...url.matchAll(/:(\w+)/g)].map(([, name]) => ({
    name,
    in: 'path',
    required: true,
    schema: { type: 'string' },
  }))
  const given = (route.parameters ?? []).map(({ name, in: place, summary, isRequired = false }) => ({
    name,
    in: place,
    description: summary,
    required: isRequired,
    schema: { type: 'string' },
  }))
  return {
    summary: route.summary,
    parameters: [...named, ...given],
    ...(route.body && {
      requestBody: { required: route.body !== 'bytes', content: contentOf([route.body]) },
    }),
    responses: responses(route),
    ...(route.isOpen && { security: [] }),
  }
}

function responses(route: DocumentedRoute): Record<string, unknown> {
  const codes = [...ALWAYS, ...(route.isOpen ? [] : GUARDED), ...(route.errors ?? [])]
  const statuses = new Set(codes.map(code => ERROR_TABLE[code].status))
  const failures = [...statuses].map(status => [
    status,
    {
      description: codes
        .filter(code => ERROR_TABLE[code].status === status)
        .map(code => `\`${code}\`: ${ERROR_TABLE[code].title}`)
        .join('; '),
      content: { [MEDIA_TYPES.problem]: { schema: { $ref: '#/components/schemas/Problem' } } },
    },
  ])
  const answers = Object.entries(route.answers).map(([status, bodies]) => [status, answer(bodies)])
  return Object.fromEntries([...failures, ...answers])
}

function answer(bodies: readonly Body[]): Record<string, unknown> {
  const content = contentOf(bodies)
  return {
    description: bodies.map(body => (typeof body === 'string' ? body : 'document')).join(' or '),
    headers: { [HEADERS.protocol]: { schema: { const: '1' } } },
    ...(Object.keys(content).length > 0 && { content }),
  }
}

function contentOf(bodies: readonly Body[]): Record<string, unknown> {
  return Object.fromEntries(
    bodies
      .filter(body => body !== 'nothing')
      .map(body => (isOpaque(body) ? [OPAQUE[body], {}] : [MEDIA_TYPES.json, { schema: body }])),
  )
}

/** Media types of what has no schema. Bytes have that of the result. */
const OPAQUE = { bytes: '*/*', events: MEDIA_TYPES.events, text: 'text/plain' } as const

function isOpaque(body: Body): body is keyof typeof OPAQUE {
  return typeof body === 'string' && Object.hasOwn(OPAQUE, body)
}
