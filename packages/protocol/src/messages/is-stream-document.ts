import type { ContentDocument } from './content-document.js'
import type { StreamDocument } from './stream-document.js'

/** Whether an entry's source is a stream still, of which nobody knows yet what content it will be. */
export function isStreamDocument(source: ContentDocument | StreamDocument): source is StreamDocument {
  return 'presentBlocks' in source
}
