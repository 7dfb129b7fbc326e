import { once } from 'node:events'
import { gunzipSync, gzipSync } from 'node:zlib'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { randomBytes } from '../random-bytes.js'
import { Sandbox } from '../sandbox.js'

const MIB = 2 ** 20

let sandbox: Sandbox
beforeAll(async () => {
  sandbox = await Sandbox.make()
})
afterAll(() => sandbox[Symbol.asyncDispose]())

const args = (operation: string) => ['upload', '-', '--op', operation, '--stream']

test('a streamed pipe gives output before a twentieth of its input was read', async () => {
  const source = randomBytes(64 * MIB, 'piped')
  const { process, ended } = sandbox.start(args('gzip'), { isStdinOpen: true })
  const first = once(process.stdout!, 'data')
  // So much, and not a byte more before something comes back.
  process.stdin!.write(source.subarray(0, 3 * MIB))
  await first
  process.stdin!.end(source.subarray(3 * MIB))
  const { status, stdout, stderr } = await ended
  expect([status, stderr]).toMatchObject([0, expect.stringContaining('miss')])
  expect(gunzipSync(stdout).equals(source)).toBe(true)
})

test('what fails in the middle is told as such, and what was written is a part that does not end well', async () => {
  const source = randomBytes(4 * MIB, 'packed')
  const packed = gzipSync(source)
  const { process, ended } = sandbox.start(args('gunzip'), { isStdinOpen: true })
  const first = once(process.stdout!, 'data')
  process.stdin!.write(packed.subarray(0, 3 * MIB))
  await first
  process.stdin!.end(Buffer.concat([packed.subarray(3 * MIB), Buffer.alloc(2 * MIB, 'junk')]))
  const { status, stdout, stderr } = await ended
  expect(status).toBe(1)
  expect(stderr).toContain('operation-failed')
  expect(stderr).toMatch(/What was written, .*, is not the whole result: throw it away/)
  expect(stdout.length).toBeGreaterThan(0)
  expect(source.subarray(0, stdout.length).equals(stdout)).toBe(true)
})
