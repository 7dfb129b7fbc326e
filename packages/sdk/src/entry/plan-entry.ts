import { randomUUID } from 'node:crypto'
import { type ContentId, canonicalDescriptor, type Descriptor, type EntryKey } from '@opcache/protocol'
import type { Client } from '../client.js'
import type { EntryOptions, OperationCall } from '../options.js'
import type { Call } from '../transport/call.js'
import { keyOf } from './key-of.js'

/** Under which key a result is found, and what it is derived from. */
export interface EntryPlan {
  readonly key: EntryKey
  readonly descriptor: Descriptor
  readonly isPrivate: boolean
}

/**
 * Derives the entry of an operation on a content, or on a resource, for which `content` is not needed. What has neither
 * is a stream: nobody knows its content yet, so its entry has a key of its own.
 */
export async function planEntry(
  client: Client,
  call: Call,
  content: ContentId | undefined,
  operation: OperationCall,
  options: EntryOptions,
): Promise<EntryPlan> {
  const { name, params = {} } = typeof operation === 'string' ? { name: operation } : operation
  const { resource, salt, unshared } = options
  // Nobody can check what a resource holds, so it is the caller's own; and what shares nothing is, too.
  const isOwn = resource !== undefined || unshared === true
  const user = options.user ?? (isOwn ? (await client.capabilities(call)).caller.user : undefined)
  const descriptor = normalized({
    v: 1,
    ...(resource ? { resource } : content && { content }),
    operation: { name, params },
    ...(user !== undefined && { user }),
    ...(salt !== undefined && { salt }),
  })
  const isRandom = unshared === true || (!resource && content === undefined)
  const key = isRandom ? (`u-${randomUUID()}` as EntryKey) : await keyOf(descriptor)
  return { key, descriptor, isPrivate: isPrivateEntry(descriptor) }
}

/** Whether an entry and its contents are in its user's private space. */
export function isPrivateEntry(descriptor: Descriptor): boolean {
  return descriptor.user !== undefined
}

/** As the server will read it: members that are undefined do not travel. */
function normalized(descriptor: Descriptor): Descriptor {
  return JSON.parse(canonicalDescriptor(descriptor)) as Descriptor
}
