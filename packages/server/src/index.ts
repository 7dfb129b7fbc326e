export { addToken, type NewToken } from './auth/add-token.js'
export { AuthError, isAuthError } from './auth/auth-error.js'
export type { AuthOptions } from './auth/authenticate.js'
export type { JwtOptions } from './auth/jwt.js'
export { ConfigError } from './config/config-error.js'
export { loadConfig } from './config/load-config.js'
export { defineConfig, type ServerConfig } from './config/server-config.js'
export { openEmbeddedDrivers } from './drivers/embedded/open-embedded-drivers.js'
export { openMemoryDrivers } from './drivers/memory/open-memory-drivers.js'
export { isScope, SCOPES, type Scope } from './engine/caller.js'
export { DEFAULT_LIMITS, type Limits } from './engine/limits.js'
export type { ServerEvent } from './engine/server-event.js'
export type { CacheUsage } from './engine/upkeep/cache-usage.js'
export type { Evicted } from './engine/upkeep/evict.js'
export type { Damage, Verified } from './engine/upkeep/verify-store.js'
export type { TlsOptions } from './http/tls.js'
export { LOG_LEVELS, type LogLevel } from './log/log-level.js'
export { type Cache, openCache, type PruneOptions } from './open-cache.js'
export { BUILTIN_OPERATIONS } from './operations/builtin.js'
export * from './operations/index.js'
export type { BlobCapabilities, BlobStore, BlobWriter } from './ports/blob-store.js'
export type { ContentRecord, ContentRef, ContentStore, NewContent, Unused } from './ports/content-store.js'
export type { Clock, Drivers } from './ports/drivers.js'
export type { Durability } from './ports/durability.js'
export type { EntryPage, EntryPhase, EntryQuery, EntryRecord, EntryStore } from './ports/entry-store.js'
export type { Ledger, StoreUsage, Unfinished } from './ports/ledger.js'
export type { Notifier } from './ports/notifier.js'
export type { Job, Lease, OperationQueue } from './ports/operation-queue.js'
export { type SpaceId, spaceOf } from './ports/space.js'
export type {
  KnownStreamBlock,
  NewStream,
  SealObjection,
  SealOutcome,
  StreamBlock,
  StreamClaim,
  StreamEnd,
  StreamPhase,
  StreamRecord,
  StreamRef,
  StreamStore,
} from './ports/stream-store.js'
export { type RunningServer, type ServerOptions, type Storage, startServer } from './start-server.js'
