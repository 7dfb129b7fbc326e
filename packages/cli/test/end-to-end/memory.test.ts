import { open, writeFile } from 'node:fs/promises'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { Sandbox } from '../sandbox.js'
import { type Served, serve } from '../served.js'

const GIB = 2 ** 30

let sandbox: Sandbox
let served: Served
beforeAll(async () => {
  sandbox = await Sandbox.make()
  served = await serve(sandbox)
})
afterAll(async () => {
  served.command.process.kill('SIGTERM')
  await served.command.ended
  await sandbox[Symbol.asyncDispose]()
})

test('a client sends 1 GiB and fetches as much with less than 200 MiB of memory', async () => {
  // A sparse file, of which only the ends differ: it is hashed and sent like any other.
  const file = await open(sandbox.path('large.bin'), 'w')
  await file.write(Buffer.from('opcache'), 0, 7, GIB - 7)
  await file.close()
  // The process tells its own peak, in KiB, when it ends.
  await writeFile(
    sandbox.path('peak.mjs'),
    `import { writeFileSync } from 'node:fs'
     process.on('exit', () => writeFileSync('peak.txt', String(process.resourceUsage().maxRSS)))`,
  )
  const args = ['upload', 'large.bin', '--op', 'copy', '-o', 'copy.bin']
  const [result] = await sandbox.json(args, {
    env: { OPCACHE_SERVER: served.url, NODE_OPTIONS: `--import=${sandbox.path('peak.mjs')}` },
  })
  expect(result).toMatchObject({ served: 'miss', uploadedBytes: GIB, result: { size: GIB } })
  expect(Number(await sandbox.read('peak.txt')) / 1024).toBeLessThan(200)
})
