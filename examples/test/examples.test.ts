import { execFile } from 'node:child_process'
import { chmod, cp, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { operations } from '@opcache/operations'
import { startServer } from '@opcache/server'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { parse } from 'yaml'

const run = promisify(execFile)
const examples = fileURLToPath(new URL('..', import.meta.url))
const embedded = () => ({
  ...process.env,
  PATH: `${bin}:${process.env.PATH}`,
  OPCACHE_CACHE_DIR: join(bin, 'cache'),
  OPCACHE_SERVER: '',
  // Where notes of what ran are kept.
  XDG_STATE_HOME: join(bin, 'state'),
})
const command = join(examples, '../packages/cli/dist/main.cjs')

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
  const env = embedded()
  const out = join(bin, 'out')
  const { stdout } = await run(join(examples, 'pipe.sh'), [out], { env })
  expect(await readFile(join(out, 'handbook.txt'), 'utf8')).toContain('The Operation Cache')
  expect(stdout.trimStart()).toMatch(/^\[/)
})

test('the Makefile converts what is missing, and nothing the second time', async () => {
  const out = join(bin, 'made')
  const make = () => run('make', ['-C', examples, `OUT=${out}`], { env: embedded() })
  expect((await make()).stdout).toContain('opcache upload')
  expect(await readFile(join(out, 'handbook.txt'), 'utf8')).toContain('The Operation Cache')
  expect((await make()).stdout).toContain('Nothing to be done')
})

test('the step of a workflow makes a thumbnail of each picture, once', async () => {
  const [step] = parse(await readFile(join(examples, 'workflow-step.yml'), 'utf8'))
  expect(Object.keys(step)).toEqual(['name', 'shell', 'env', 'run'])
  // The address is no secret; the token is.
  const isFrom = (place: string) => expect.stringMatching(new RegExp(`^\\$\\{\\{ ${place}\\.[A-Z_]+ \\}\\}$`))
  expect(step.env).toEqual({ OPCACHE_SERVER: isFrom('vars'), OPCACHE_TOKEN: isFrom('secrets') })
  const script = join(bin, 'step.sh')
  await writeFile(script, step.run)
  const checkout = join(bin, 'checkout')
  await cp(join(examples, 'files'), checkout, { recursive: true })
  const server = await startServer({ storage: 'memory', port: 0, operations })
  try {
    const served = async () => {
      await rm(join(checkout, 'thumbnails'), { recursive: true, force: true })
      // As a runner calls what says `shell: bash`; a secret that is not set is an empty variable.
      await run('bash', ['--noprofile', '--norc', '-eo', 'pipefail', script], {
        cwd: checkout,
        env: { ...embedded(), OPCACHE_SERVER: server.url, OPCACHE_TOKEN: '' },
      })
      const told = JSON.parse(await readFile(join(checkout, 'thumbnails.json'), 'utf8'))
      expect(told).toMatchObject({ source: 'landscape.jpg', output: 'thumbnails/landscape.webp' })
      expect((await stat(join(checkout, told.output))).size).toBe(told.result.size)
      return told.served
    }
    expect([await served(), await served()]).toEqual(['miss', 'hit'])
  } finally {
    await server.close()
  }
})
