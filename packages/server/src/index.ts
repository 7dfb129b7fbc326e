export { openMemoryDrivers } from './drivers/memory/open-memory-drivers.js'
export { DEFAULT_LIMITS, type Limits } from './engine/limits.js'
export type { ServerEvent } from './engine/server-event.js'
export { BUILTIN_OPERATIONS } from './operations/builtin.js'
export {
  defineOperation,
  type InlineOperation,
  type IsolatedOperation,
  type Operation,
  type OperationContext,
  type OperationDeclaration,
  type OperationInput,
  type OperationOutcome,
  type OperationProgress,
  type RunOperation,
} from './operations/operation.js'
export { isOperationError, OperationError } from './operations/operation-error.js'
export type { BlobCapabilities, BlobStore, BlobWriter } from './ports/blob-store.js'
export type { ContentRecord, ContentRef, ContentStore, NewContent } from './ports/content-store.js'
export type { Clock, Drivers } from './ports/drivers.js'
export type { EntryPage, EntryPhase, EntryQuery, EntryRecord, EntryStore } from './ports/entry-store.js'
export type { Notifier } from './ports/notifier.js'
export type { Job, Lease, OperationQueue } from './ports/operation-queue.js'
export { type SpaceId, spaceOf } from './ports/space.js'
export { type RunningServer, type ServerOptions, startServer } from './start-server.js'
