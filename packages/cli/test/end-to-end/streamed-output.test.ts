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

test('what fails in the middle is told as such, and does not end well', async () => {
  const packed = Buffer.concat([gzipSync(randomBytes(4 * MIB, 'packed')), Buffer.alloc(2 * MIB, 'junk')])
  const { status, stdout, stderr } = await sandbox.run(args('gunzip'), { stdin: packed })
  expect(status).toBe(1)
  expect(stderr).toContain('operation-failed')
  if (stdout.length > 0) expect(stderr).toContain('is not the whole result')
})
