/** The protocol's paths: with a parameter's name (`:key`) they are routes, with its value addresses. */
export const PATHS = {
  capabilities: '/v1',
  entries: '/v1/entries',
  entry: (key: string) => `/v1/entries/${key}`,
  result: (key: string) => `/v1/entries/${key}/result`,
  source: (key: string) => `/v1/entries/${key}/source`,
  content: (id: string) => `/v1/contents/${id}`,
  manifest: (id: string) => `/v1/contents/${id}/manifest`,
  blocks: (id: string, first: number | string) => `/v1/contents/${id}/blocks/${first}`,
  seal: (id: string) => `/v1/contents/${id}/seal`,
  run: (operation: string) => `/v1/run/${operation}`,
  health: '/healthz',
  ready: '/readyz',
  metrics: '/metrics',
  openApi: '/openapi.json',
} as const
