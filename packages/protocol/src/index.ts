export type { Blake3, Blake3Hasher } from './blake3/blake3.js'
export { loadBlake3, loadNative, loadPortable } from './blake3/load.js'
export { ERROR_TABLE, type ErrorCode, isErrorCode, type RetryRule } from './errors/error-table.js'
export type { Problem } from './errors/problem.js'
export { isProtocolError, type ProblemMembers, ProtocolError } from './errors/protocol-error.js'
export { HEADERS, MEDIA_TYPES } from './http/headers.js'
export { PATHS } from './http/paths.js'
export { ACCUMULATOR_BYTES, Accumulator, blockElement } from './identity/accumulator.js'
export {
  BLOCK_BYTES,
  type BlockRange,
  blockCount,
  blockIndices,
  blockLength,
  rangeBytes,
} from './identity/block.js'
export { BlockMap } from './identity/block-map.js'
export { ContentHasher, type ContentIdentity, hashContent } from './identity/content-hasher.js'
export {
  type ContentId,
  isUnshared,
  parseContentId,
  parseStreamId,
  type StreamId,
} from './identity/content-id.js'
export { canonicalDescriptor, deriveEntryKey, type EntryKey, parseEntryKey } from './identity/entry-key.js'
export {
  addManifestBlocks,
  certifiesManifest,
  DIGEST_BYTES,
  manifestBytes,
  manifestContentId,
  manifestDigest,
} from './identity/manifest.js'
export { JSON_DEPTH_LIMIT, parseIJson } from './json/i-json.js'
export {
  formatParameterQuery,
  type Params,
  parseParameterQuery,
  parseParameterTexts,
  parseParameterValue,
} from './json/parameter-text.js'
export type { Capabilities, LackingOperation, OperationDocument } from './messages/capabilities.js'
export type { ContentDocument, PartAcknowledgement } from './messages/content-document.js'
export type { Descriptor } from './messages/descriptor.js'
export type {
  EntryDocument,
  EntryList,
  EntryState,
  OpenRequest,
  ProgressDocument,
  ResultDocument,
  Served,
} from './messages/entry-document.js'
export { isStreamDocument } from './messages/is-stream-document.js'
export { isTerminal } from './messages/is-terminal.js'
export { MISSING_RANGES_LIMIT } from './messages/missing-ranges-limit.js'
export type { SealRequest, StreamDocument, StreamPartAcknowledgement } from './messages/stream-document.js'
