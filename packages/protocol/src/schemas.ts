/** JSON Schemas of the messages; apart from the rest, because who only speaks the protocol needs none of them. */
export { Problem } from './errors/problem.js'
export { Capabilities, OperationDocument } from './messages/capabilities.js'
export { ContentDocument, PartAcknowledgement } from './messages/content-document.js'
export { Descriptor, Hex64, OperationName } from './messages/descriptor.js'
export {
  EntryDocument,
  EntryList,
  EntryState,
  OpenRequest,
  ProgressDocument,
  ResultDocument,
} from './messages/entry-document.js'
export {
  SealRequest,
  StreamDocument,
  StreamName,
  StreamPartAcknowledgement,
} from './messages/stream-document.js'
