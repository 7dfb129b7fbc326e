import type { ContentId, Descriptor } from '@opcache/protocol'
import type { OperationRequest } from './operation-request.js'

/** What an entry's key is made of, apart from the source. */
export interface DescriptorParts {
  readonly operation: OperationRequest
  readonly resource?: { readonly name: string; readonly version: string } | undefined
  /** Of whom it is, where it is not everybody's. */
  readonly user?: string | undefined
  readonly salt?: string | undefined
}

/** What the key of an entry is derived from; a resource takes the place of the content. */
export function descriptorOf(
  content: ContentId | undefined,
  { operation, resource, user, salt }: DescriptorParts,
): Descriptor {
  return {
    v: 1,
    ...(resource ? { resource } : content !== undefined && { content }),
    operation,
    ...(user !== undefined && { user }),
    ...(salt !== undefined && { salt }),
  }
}
