import { startServer } from '@opcache/server'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { randomBytes } from '../random-bytes.js'
import { Sandbox } from '../sandbox.js'

let sandbox: Sandbox
beforeAll(async () => {
  sandbox = await Sandbox.make()
})
afterAll(() => sandbox[Symbol.asyncDispose]())

test('a hit with a large result is one request that brings it', async () => {
  const requests: string[] = []
  const server = await startServer({
    storage: 'memory',
    port: 0,
    prepare: app => {
      app.addHook('onRequest', async ({ method, url }) => void requests.push(`${method} ${url}`))
    },
  })
  try {
    await sandbox.write('large.bin', randomBytes(3 * 2 ** 20, 'one request'))
    const env = { OPCACHE_SERVER: server.url }
    const args = ['upload', 'large.bin', '--op', 'copy', '-o']
    expect(await sandbox.run([...args, 'first'], { env })).toMatchObject({ status: 0 })
    requests.length = 0
    const hit = await sandbox.run([...args, 'second'], { env })
    expect(hit).toMatchObject({ status: 0, stderr: expect.stringContaining('(hit') })
    // The manifest, against which the bytes are verified, comes apart.
    const results = requests.filter(request => /\/run\/|\/result$/.test(request))
    expect(results).toEqual(['POST /v1/run/copy'])
    expect((await sandbox.read('second')).equals(await sandbox.read('large.bin'))).toBe(true)
  } finally {
    await server.close()
  }
})
