import { Check } from 'typebox/value'
import { describe, expect, it } from 'vitest'
import { isStreamDocument, isTerminal, ProtocolError, parseStreamId } from '../../src/index.js'
import {
  Capabilities,
  ContentDocument,
  EntryDocument,
  EntryList,
  OpenRequest,
  PartAcknowledgement,
  SealRequest,
  StreamDocument,
  StreamName,
  StreamPartAcknowledgement,
} from '../../src/schemas.js'
import { contentDocument, descriptor, entryDocument, streamDocument } from './examples.js'

const result = { id: contentDocument.id, size: 0, type: 'text/plain', name: 'q3.txt' }

describe('OpenRequest', () => {
  it.each([
    ['a descriptor', { descriptor }],
    ['a source', { descriptor, source: contentDocument.id }],
    ['a source that is a stream', { descriptor, source: streamDocument.id }],
    ['a refresh of the entry that never ran', { descriptor, refresh: 0 }],
    ['everything', { descriptor, source: contentDocument.id, refresh: 3 }],
  ])('takes %s', (_, value) => {
    expect(Check(OpenRequest, value)).toBe(true)
  })

  it.each([
    ['no descriptor', { source: contentDocument.id }],
    ['a descriptor that is not one', { descriptor: { ...descriptor, v: 2 } }],
    ['an unknown member', { descriptor, wait: 10 }],
    ['a source that is not an id', { descriptor, source: 'q3.pdf' }],
    ['a source in upper case', { descriptor, source: streamDocument.id.toUpperCase() }],
    ['a refresh that is true', { descriptor, refresh: true }],
    ['a refresh below zero', { descriptor, refresh: -1 }],
    ['a refresh that is not whole', { descriptor, refresh: 0.5 }],
  ])('refuses %s', (_, value) => {
    expect(Check(OpenRequest, value)).toBe(false)
  })
})

describe('EntryDocument', () => {
  it.each([
    ['while the source is uploaded', entryDocument],
    ['while no source is declared', { ...entryDocument, source: null }],
    ['while its source is a stream', { ...entryDocument, source: streamDocument }],
    ['while it runs', { ...entryDocument, state: 'PROCESSING', attempt: 1, progress: { fraction: 0.5 } }],
    ['when it is complete', { ...entryDocument, state: 'COMPLETE', attempt: 1, result, served: 'hit' }],
    [
      'when it failed',
      { ...entryDocument, state: 'FAILED', error: new ProtocolError('operation-failed', 'No.').toProblem() },
    ],
    ['with members of later versions', { ...entryDocument, more: 1 }],
  ])('is accepted %s', (_, value) => {
    expect(Check(EntryDocument, value)).toBe(true)
    expect(Check(EntryList, { entries: [value, entryDocument], next: null })).toBe(true)
    expect(Check(EntryList, { entries: [value], next: 'cursor' })).toBe(true)
  })

  it.each([
    ['in an unknown state', { ...entryDocument, state: 'WAITING' }],
    ['without a source', { ...entryDocument, source: undefined }],
    ['with revision 0', { ...entryDocument, revision: 0 }],
    ['with a negative attempt', { ...entryDocument, attempt: -1 }],
    ['with progress beyond the end', { ...entryDocument, progress: { fraction: 1.1 } }],
    ['with a result that lacks its name', { ...entryDocument, result: { ...result, name: undefined } }],
    ['with a result of negative size', { ...entryDocument, result: { ...result, size: -1 } }],
    ['with an error that is a text', { ...entryDocument, error: 'No.' }],
    ['served in an unknown way', { ...entryDocument, served: 'stale' }],
  ])('is refused %s', (_, value) => {
    expect(Check(EntryDocument, value)).toBe(false)
    expect(Check(EntryList, { entries: [value], next: null })).toBe(false)
  })

  it('ends as COMPLETE or FAILED', () => {
    expect(isTerminal('UPLOADING')).toBe(false)
    expect(isTerminal('PROCESSING')).toBe(false)
    expect(isTerminal('COMPLETE')).toBe(true)
    expect(isTerminal('FAILED')).toBe(true)
  })
})

describe('ContentDocument', () => {
  it.each([
    ['a partial content', contentDocument],
    ['a complete one', { ...contentDocument, state: 'COMPLETE', missing: [], missingBlocks: 0 }],
  ])('takes %s', (_, value) => {
    expect(Check(ContentDocument, value)).toBe(true)
  })

  it.each([
    ['an unknown state', { ...contentDocument, state: 'DONE' }],
    ['an id in upper case', { ...contentDocument, id: contentDocument.id.toUpperCase() }],
    ['a negative size', { ...contentDocument, size: -1 }],
    ['an empty range', { ...contentDocument, missing: [[3, 0]] }],
    ['a range before the first block', { ...contentDocument, missing: [[-1, 1]] }],
    ['a range of three numbers', { ...contentDocument, missing: [[0, 1, 2]] }],
    ['a range of one number', { ...contentDocument, missing: [[0]] }],
    ['units of no blocks', { ...contentDocument, unitBlocks: 0 }],
  ])('refuses %s', (_, value) => {
    expect(Check(ContentDocument, value)).toBe(false)
  })
})

describe('PartAcknowledgement', () => {
  it.each([
    { missingBlocks: 3, state: 'PARTIAL' },
    { missingBlocks: 3, state: 'PARTIAL', inFlight: true },
    { missingBlocks: 0, state: 'COMPLETE' },
  ])('takes %j', value => {
    expect(Check(PartAcknowledgement, value)).toBe(true)
  })

  it.each([
    { state: 'PARTIAL' },
    { missingBlocks: -1, state: 'PARTIAL' },
    { missingBlocks: 0, state: 'OPEN' },
    { missingBlocks: 0, state: 'COMPLETE', inFlight: 1 },
  ])('refuses %j', value => {
    expect(Check(PartAcknowledgement, value)).toBe(false)
  })
})

describe('StreamDocument', () => {
  it.each([
    ['an open stream', streamDocument],
    ['one without a block', { ...streamDocument, present: [], presentBlocks: 0 }],
    ['a sealed one', { ...streamDocument, state: 'SEALED', content: contentDocument.id }],
  ])('takes %s', (_, value) => {
    expect(Check(StreamDocument, value)).toBe(true)
  })

  it.each([
    ['an unknown state', { ...streamDocument, state: 'COMPLETE' }],
    ['the id of a content', { ...streamDocument, id: contentDocument.id }],
    ['no content', { ...streamDocument, content: undefined }],
    ['an empty range', { ...streamDocument, present: [[3, 0]] }],
    ['a negative count', { ...streamDocument, presentBlocks: -1 }],
  ])('refuses %s', (_, value) => {
    expect(Check(StreamDocument, value)).toBe(false)
  })

  it('is told from the document of a content', () => {
    expect(isStreamDocument(streamDocument)).toBe(true)
    expect(isStreamDocument(contentDocument)).toBe(false)
  })
})

describe('StreamName', () => {
  it.each([
    streamDocument.id,
    streamDocument.id.toUpperCase(),
    streamDocument.id.replace('-4', '-1'),
    streamDocument.id.slice(2),
    `${streamDocument.id}\n`,
    'u-',
    '',
  ])('judges "%s" as parseStreamId does', text => {
    expect(Check(StreamName, text)).toBe(parseStreamId(text) !== undefined)
  })
})

describe('StreamPartAcknowledgement', () => {
  it.each([
    { presentBlocks: 0, state: 'OPEN', inFlight: true },
    { presentBlocks: 3, state: 'OPEN' },
    { presentBlocks: 3, state: 'SEALED' },
  ])('takes %j', value => {
    expect(Check(StreamPartAcknowledgement, value)).toBe(true)
  })

  it.each([{ state: 'OPEN' }, { presentBlocks: -1, state: 'OPEN' }, { presentBlocks: 0, state: 'PARTIAL' }])(
    'refuses %j',
    value => {
      expect(Check(StreamPartAcknowledgement, value)).toBe(false)
    },
  )
})

describe('SealRequest', () => {
  const content = contentDocument.id

  it.each([
    { size: 0, content },
    { size: Number.MAX_SAFE_INTEGER, content },
  ])('takes %j', value => {
    expect(Check(SealRequest, value)).toBe(true)
  })

  it.each([
    { content },
    { size: 1 },
    { size: -1, content },
    { size: 0.5, content },
    { size: 2 ** 53, content },
    { size: 1, content: streamDocument.id },
    { size: 1, content, blocks: 1 },
  ])('refuses %j', value => {
    expect(Check(SealRequest, value)).toBe(false)
  })
})

describe('Capabilities', () => {
  const capabilities: Capabilities = {
    protocol: 1,
    blockBytes: 1_048_576,
    unitBlocks: 1,
    partBlocks: 8,
    maxPartBlocks: 64,
    maxContentBytes: 2 ** 40,
    maxJsonBytes: 1_048_576,
    maxWaitSeconds: 60,
    resultHoldSeconds: 600,
    entryTtlSeconds: 86_400,
    failureTtlSeconds: 60,
    contentTtlSeconds: 86_400,
    operations: [{ name: 'copy', version: '1', summary: 'The same bytes', streaming: false, params: true }],
    caller: { namespace: 'default', user: 'local', scopes: ['read', 'write'] },
  }

  it('takes what a server says of itself', () => {
    expect(Check(Capabilities, capabilities)).toBe(true)
    expect(Check(Capabilities, { ...capabilities, operations: [] })).toBe(true)
  })

  it.each([
    ['of another protocol', { ...capabilities, protocol: 2 }],
    ['without operations', { ...capabilities, operations: undefined }],
    ['without a caller', { ...capabilities, caller: undefined }],
    ['of half a block', { ...capabilities, partBlocks: 0.5 }],
  ])('refuses those %s', (_, value) => {
    expect(Check(Capabilities, value)).toBe(false)
  })
})
