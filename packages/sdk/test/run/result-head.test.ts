import { expect, test } from 'vitest'
import { readResultHead } from '../../src/run/result-head.js'

const id = 'ab'.repeat(32)
const head = (disposition?: string) =>
  readResultHead({
    etag: `"${id}"`,
    'content-length': '7',
    'content-type': 'image/png',
    ...(disposition !== undefined && { 'content-disposition': disposition }),
  })

test.for([
  ['attachment; filename="a.png"', 'a.png'],
  ['attachment; filename=a.png', 'a.png'],
  [`attachment; filename="?.png"; filename*=UTF-8''%E2%82%AC%20x.png`, '€ x.png'],
  ['attachment; filename="a \\"b\\".png"', 'a "b".png'],
  ['attachment', 'result'],
  [undefined, 'result'],
] as const)('%s names %s', ([disposition, name]) => {
  expect(head(disposition)).toEqual({ id, size: 7, type: 'image/png', name })
})

test('an answer without a strong identity and a length tells nothing', () => {
  expect(readResultHead({ etag: `W/"${id}"`, 'content-length': '7' })).toBe(undefined)
  expect(readResultHead({ etag: `"${id}"` })).toBe(undefined)
})
