import type { ContentDocument, Descriptor, EntryDocument, StreamDocument } from '../../src/index.js'

const ID = '774af06b1b6616ba427c99ef36f50c78752ce5c11b01b3b2ae8ae71bcaf8d671'

export const descriptor: Descriptor = {
  v: 1,
  content: ID,
  operation: { name: 'convert', params: { to: 'png', page: 1 } },
}

export const contentDocument: ContentDocument = {
  id: ID,
  size: 3_145_733,
  state: 'PARTIAL',
  missing: [
    [0, 1],
    [2, 2],
  ],
  missingBlocks: 3,
  unitBlocks: 1,
  partBlocks: 8,
}

export const streamDocument: StreamDocument = {
  id: 'u-0190f3e2-5b1c-4a7d-9e2f-00c0ffee1234',
  state: 'OPEN',
  present: [
    [0, 2],
    [5, 1],
  ],
  presentBlocks: 3,
  content: null,
  unitBlocks: 1,
  partBlocks: 8,
}

export const entryDocument: EntryDocument = {
  key: '6f4b9ba97f7fa9ad067669b9644d9cb4b8cd23451853a714ba5e1ac9d7b6efe4',
  state: 'UPLOADING',
  revision: 1,
  attempt: 0,
  descriptor,
  operationVersion: '1',
  source: contentDocument,
  createdAt: '2026-11-01T12:00:00Z',
  updatedAt: '2026-11-01T12:00:00Z',
  expiresAt: '2026-11-02T12:00:00Z',
}
