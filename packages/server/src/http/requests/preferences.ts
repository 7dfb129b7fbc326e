import type { FastifyRequest } from 'fastify'

/** What a request prefers (RFC 7240), as it was written; empty where it prefers nothing. */
export function preferences(request: FastifyRequest): string {
  const header = request.headers.prefer
  return Array.isArray(header) ? header.join(',') : (header ?? '')
}

/** RFC 7240, 4.2: whether `Prefer: return=minimal` says that the document is enough, where bytes would be answered. */
export function prefersMinimal(request: FastifyRequest): boolean {
  return /(?:^|[,;\s])return\s*=\s*"?minimal"?\s*(?:$|[,;])/i.test(preferences(request))
}
