import type { CachedResult } from '../run/run-result.js'
import type { Source } from './source.js'

/** Whether a source is the result of an earlier run, whose content id is known without reading it. */
export function isResultSource(source: Source): source is CachedResult {
  if (typeof source !== 'object' || source === null) return false
  const { key, result, stream } = source as Partial<CachedResult>
  return typeof key === 'string' && typeof result?.id === 'string' && typeof stream === 'function'
}
