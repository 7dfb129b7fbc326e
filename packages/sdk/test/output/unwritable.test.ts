import { expect, test } from 'vitest'
import { unwritable } from '../../src/output/unwritable.js'

test.for([
  ['ENOSPC', 'output-full'],
  ['EDQUOT', 'output-full'],
  ['EFBIG', 'output-full'],
  ['EROFS', 'output-not-writable'],
  ['ENOENT', 'output-not-writable'],
  ['EIO', 'output-not-writable'],
])('a file that meets %s is told as %s', ([code, told]) => {
  const error = unwritable('out.txt', Object.assign(new Error('the system says no'), { code }))
  expect(error.code).toBe(told)
  expect(error.message).toContain('out.txt')
})
