import { isMediaType } from '../operations/media-type.js'
import type { OperationOutcome } from '../operations/operation.js'

/** What an operation returned, checked: not all are typed. @throws Error for what no result can be labelled with */
export function checkedOutcome(outcome: unknown): OperationOutcome {
  const { type, name } = (outcome ?? {}) as Record<string, unknown>
  if (type !== undefined && !isMediaType(type)) {
    throw new Error(`It returned the type ${JSON.stringify(type)}, which is no media type.`)
  }
  if (name !== undefined && typeof name !== 'string') {
    throw new Error(`It returned the name ${JSON.stringify(name)}, which is no text.`)
  }
  return { ...(type === undefined ? {} : { type }), ...(name === undefined ? {} : { name }) }
}
