export type {
  Capabilities,
  ContentId,
  Descriptor,
  EntryDocument,
  EntryKey,
  EntryState,
  OperationDocument,
  ResultDocument,
  Served,
} from '@opcache/protocol'
export { keyOf } from './entry/key-of.js'
export type { Opened } from './entry/opened.js'
export { IntegrityError, isIntegrityError } from './errors/integrity-error.js'
export { isNotCachedError, NotCachedError } from './errors/not-cached-error.js'
export { isNotOpcacheError, NotOpcacheError } from './errors/not-opcache-error.js'
export { isOpcacheError, OpcacheError } from './errors/opcache-error.js'
export { isOperationFailedError, OperationFailedError } from './errors/operation-failed-error.js'
export { isOutputDivergedError, OutputDivergedError } from './errors/output-diverged-error.js'
export { isOutputError, OutputError, type OutputErrorCode } from './errors/output-error.js'
export { isRequestError, RequestError, type RequestFailure } from './errors/request-error.js'
export { isServerUnreachableError, ServerUnreachableError } from './errors/server-unreachable-error.js'
export { isServerUrlError, ServerUrlError } from './errors/server-url-error.js'
export { isSourceChangedError, SourceChangedError } from './errors/source-changed-error.js'
export { isSourceError, SourceError, type SourceErrorCode } from './errors/source-error.js'
export { isStreamLostError, StreamLostError } from './errors/stream-lost-error.js'
export { isWaitTimeoutError, WaitTimeoutError } from './errors/wait-timeout-error.js'
export type { Identified } from './identify/identified.js'
export { hashSource, identify } from './identify/identify.js'
export { Opcache } from './opcache.js'
export type {
  CallOptions,
  ContactOptions,
  EntryOptions,
  FileOptions,
  FollowOptions,
  ListOptions,
  OpcacheOptions,
  OpenOptions,
  OperationCall,
  RunOptions,
  WaitOptions,
} from './options.js'
export type { Estimate, ProgressEvent, ProgressListener } from './progress.js'
export type { FollowedRun } from './run/follow.js'
export type { CachedResult, RunResult, UploadReport } from './run/run-result.js'
export type { Source } from './source/source.js'
export type { SourceReader, StoredSource } from './source/stored-source.js'
