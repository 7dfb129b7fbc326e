import { expect, test } from 'vitest'
import { ConnectionLost } from '../../src/transport/connection-lost.js'
import { UploadPace } from '../../src/upload/upload-pace.js'

/** More than any line carries in the time that a test takes. */
const QUICK = async () => Number.MAX_SAFE_INTEGER
const SLOW = async () => 1
const LOST = async () => Promise.reject(new ConnectionLost('cut'))

test('connections that are quick become four, slow ones all that may be, and lost ones half', async () => {
  const pace = new UploadPace({ min: 1, max: 16 })
  expect(pace.concurrency).toBe(8)
  for (let part = 0; part < 20; part++) await pace.observe(QUICK)
  expect(pace.concurrency).toBe(4)
  for (let part = 0; part < 20; part++) await pace.observe(SLOW)
  expect(pace.concurrency).toBe(16)
  await expect(pace.observe(LOST)).rejects.toThrow('cut')
  expect(pace.concurrency).toBe(8)
})
