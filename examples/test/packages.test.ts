import { execFile } from 'node:child_process'
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { publint } from 'publint'
import { formatMessage } from 'publint/utils'
import { afterAll, beforeAll, expect, test } from 'vitest'

const run = promisify(execFile)
const root = fileURLToPath(new URL('../..', import.meta.url))
const packages = await readdir(join(root, 'packages'))

// What is looked at and installed is what was packed: nothing here sees the repository.
let folder: string
const tarballs = new Map<string, string>()

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'opcache-packed-'))
  await run(
    'npx',
    ['-y', 'pnpm@12', '--recursive', '--filter', './packages/*', 'pack', '--pack-destination', folder],
    {
      cwd: root,
    },
  )
  const dependencies: Record<string, string> = {}
  // Each name is taken from its tarball, also where another package depends on it.
  for (const name of packages) {
    const { name: published, version } = await manifestOf(name)
    tarballs.set(name, `${published.replace('@', '').replace('/', '-')}-${version}.tgz`)
    dependencies[published] = `file:./${tarballs.get(name)}`
  }
  const manifest = { private: true, type: 'module', dependencies, overrides: dependencies }
  await writeFile(join(folder, 'package.json'), JSON.stringify(manifest))
  await run('npm', ['install', '--no-audit', '--no-fund', '--ignore-scripts', '--prefer-offline'], {
    cwd: folder,
  })
})

afterAll(() => rm(folder, { recursive: true, force: true }))

test.each(packages)('the package %s is published as Node reads it', async name => {
  const tarball = await readFile(join(folder, tarballs.get(name) ?? ''))
  const { messages } = await publint({ pack: { tarball: Uint8Array.from(tarball).buffer }, strict: true })
  const manifest = await manifestOf(name)
  expect(messages.map(message => formatMessage(message, manifest))).toEqual([])
})

test('the packed packages run together without the repository and without install scripts', async () => {
  await writeFile(
    join(folder, 'use.mjs'),
    `import { Opcache } from '@opcache/sdk'
     import { startServer } from '@opcache/server'
     import { operations } from '@opcache/operations'
     import { startMock } from '@opcache/server-mock'
     await (await startMock()).close()
     const server = await startServer({ storage: { folder: './data' }, port: 0, operations })
     const cache = new Opcache({ server: server.url })
     const result = await cache.run(Buffer.from('# Hello'), { name: 'convert', params: { to: 'html' } })
     console.log(result.served, (await result.text()).includes('<h1'))
     await server.close()`,
  )
  const { stdout } = await run('node', ['use.mjs'], { cwd: folder })
  expect(stdout.trim()).toBe('miss true')
})

test('the packed command answers', async () => {
  const { stdout } = await run('npx', ['--no-install', 'opcache', 'hash', 'package.json'], { cwd: folder })
  expect(stdout).toMatch(/^[0-9a-f]{64} {2}package\.json\n$/)
})

async function manifestOf(name: string): Promise<{ name: string; version: string }> {
  return JSON.parse(await readFile(join(root, 'packages', name, 'package.json'), 'utf8'))
}
