import type { ContentRef } from '../../ports/content-store.js'
import type { Engine } from '../engine.js'

/** Until when a content that is used now is kept: results are held for a time that clients count on. */
export function contentExpiry(engine: Engine): number {
  const { contentTtlSeconds, resultHoldSeconds } = engine.limits
  return engine.now() + Math.max(contentTtlSeconds, resultHoldSeconds) * 1000
}

/** Keeps a content for another while: it is used. Answers whether it is there. */
export async function useContent(engine: Engine, ref: ContentRef): Promise<boolean> {
  return engine.contents.extend(ref, contentExpiry(engine))
}
