import type { OperationOutcome } from '@opcache/server/operation'
import { type TargetName, targets } from './targets.js'

/** What is said of a result that is one file of a target. */
export function outcomeOf(to: TargetName): OperationOutcome {
  const { type, extension } = targets[to]
  return { type, name: `result.${extension}` }
}
