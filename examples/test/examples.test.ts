import { execFile } from 'node:child_process'
import { chmod, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { operations } from '@opcache/operations'
import { startServer } from '@opcache/server'
import { afterAll, beforeAll, expect, test } from 'vitest'

const run = promisify(execFile)
const examples = fileURLToPath(new URL('..', import.meta.url))
const command = join(examples, '../packages/cli/dist/main.js')

// A folder on the PATH that holds the command, as an installation would.
let bin: string

beforeAll(async () => {
  bin = await mkdtemp(join(tmpdir(), 'opcache-bin-'))
  await writeFile(join(bin, 'opcache'), `#!/bin/sh\nexec "${process.execPath}" "${command}" "$@"\n`)
  await chmod(join(bin, 'opcache'), 0o755)
})

afterAll(() => rm(bin, { recursive: true, force: true }))

test('the Node example converts a picture, and finds it the second time', async () => {
  const server = await startServer({ storage: 'memory', port: 0, operations })
  try {
    const convert = async () => {
      const { stdout } = await run('node', [join(examples, 'convert-in-node.mjs'), server.url])
      return JSON.parse(stdout)
    }
    const first = await convert()
    expect(first).toMatchObject({ served: 'miss', uploadedBytes: 2_384_467 })
    expect(await convert()).toEqual({ served: 'hit', uploadedBytes: 0, resultBytes: first.resultBytes })
  } finally {
    await server.close()
  }
})

test('the shell example pipes a document in and a table out', async () => {
  const env = {
    ...process.env,
    PATH: `${bin}:${process.env.PATH}`,
    OPCACHE_CACHE_DIR: join(bin, 'cache'),
    OPCACHE_SERVER: '',
  }
  const out = join(bin, 'out')
  const { stdout } = await run(join(examples, 'pipe.sh'), [out], { env })
  expect(await readFile(join(out, 'handbook.txt'), 'utf8')).toContain('The Operation Cache')
  expect(stdout.trimStart()).toMatch(/^\[/)
})
