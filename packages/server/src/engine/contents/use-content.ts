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

/**
 * Keeps a content that somebody reads, or was told of, from being evicted for as long as clients count on. Answers whether
 * it is there.
 */
export async function holdContent(engine: Engine, content: ContentRecord): Promise<boolean> {
  const holdMs = engine.limits.resultHoldSeconds * 1000
  const heldUntil = engine.now() + holdMs
  if ((content.heldUntil ?? 0) >= heldUntil) return true
  // Longer than it has to be, so that not every use is worth a write.
  return engine.contents.extend(content, contentExpiry(engine), heldUntil + holdMs / 2)
}
