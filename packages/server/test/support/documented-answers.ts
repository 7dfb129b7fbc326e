import { DOCUMENTED_ROUTES } from '../../src/http/openapi/documented-routes.js'
import { openApiDocument } from '../../src/http/openapi/openapi-document.js'
import type { ServerEvent } from '../../src/index.js'

const routes = Object.keys(DOCUMENTED_ROUTES).map(route => {
  const [method = '', url = ''] = route.split(' ')
  return { method, url }
})

interface Documented {
  readonly paths: Record<string, Record<string, { readonly responses: Record<string, unknown> }>>
}

/** All that a server may have, as it is documented. */
export const { paths } = openApiDocument(routes) as unknown as Documented

/** Whether a test met an answer of the protocol's routes that the document of OpenAPI does not know. */
export function isUndocumented({ method, route, status }: ServerEvent & { kind: 'request-ended' }): boolean {
  const isOwn = route !== undefined && status !== 405
  const path = isOwn ? paths[route.replace(/:(\w+)/g, '{$1}')] : undefined
  const documented = path?.[method === 'HEAD' ? 'get' : method.toLowerCase()]
  return documented !== undefined && !(status in documented.responses)
}
