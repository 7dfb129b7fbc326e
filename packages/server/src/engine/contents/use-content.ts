import type { ContentRecord } from '../../ports/content-store.js'
import type { Engine } from '../engine.js'
import type { Limits } from '../limits.js'

/** Until when what is used now is kept. */
export function contentExpiry(engine: { readonly limits: Limits; now(): number }): number {
  const { contentTtlSeconds, resultHoldSeconds } = engine.limits
  return engine.now() + Math.max(contentTtlSeconds, resultHoldSeconds) * 1000
}

/** Uses that are closer together are one: not every part of an upload is worth a write. */
const ONE_USE_MS = 250

/** Keeps a content for another while: it is used. */
export async function useContent(engine: Engine, content: ContentRecord): Promise<void> {
  const expiresAt = contentExpiry(engine)
  if (expiresAt - content.expiresAt >= ONE_USE_MS) await engine.contents.extend(content, expiresAt)
}
