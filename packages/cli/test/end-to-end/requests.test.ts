import { startServer } from '@opcache/server'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { randomBytes } from '../random-bytes.js'
import { Sandbox } from '../sandbox.js'
import { runSpied } from '../spied.js'

let sandbox: Sandbox
beforeAll(async () => {
  sandbox = await Sandbox.make()
})
afterAll(() => sandbox[Symbol.asyncDispose]())

test('a hit of a small file is two requests on one connection, at most eight files of the program and three notes', async () => {
  const counts = { requests: 0, connections: 0 }
  const server = await startServer({
    storage: 'memory',
    port: 0,
    prepare: app => {
      app.server.on('connection', () => {
        counts.connections += 1
      })
      app.addHook('onRequest', async () => {
        counts.requests += 1
      })
    },
  })
  try {
    await sandbox.write('small.bin', randomBytes(10_000, 'small'))
    const env = { OPCACHE_SERVER: server.url }
    const args = ['upload', 'small.bin', '--op', 'copy', '--force']
    expect(await sandbox.run(args, { env })).toMatchObject({ status: 0 })
    Object.assign(counts, { requests: 0, connections: 0 })
    const { ended, loaded, renamed } = await runSpied(sandbox, args, { env })
    expect(loaded).toContain('node:http')
    // Takes several milliseconds to load, and few commands call it.
    expect(loaded).not.toContain('node:crypto')
    expect(ended).toMatchObject({ status: 0, stderr: expect.stringContaining('(hit') })
    // What the server can do, and the run.
    expect(counts).toEqual({ requests: 2, connections: 1 })
    const files = new Set(loaded.filter(name => name.endsWith('.cjs')))
    expect([...files]).toEqual(expect.arrayContaining([expect.stringContaining('commands')]))
    expect(files.size).toBeLessThanOrEqual(8)
    // What sends parts, streams and waits.
    expect([...files].join()).not.toContain('beyond-hits')
    // That it began, its key, and how it ended.
    expect(renamed.filter(path => /runs\/[0-9a-f]+\.json$/.test(path))).toHaveLength(3)
  } finally {
    await server.close()
  }
})

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
