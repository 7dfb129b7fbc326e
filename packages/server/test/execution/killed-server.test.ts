import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { PATHS } from '@opcache/protocol'
import { expect, test } from 'vitest'
import { contentOf, descriptorOf, keyOf } from '../support/content.js'
import { send } from '../support/send.js'
import { ServerProcess } from '../support/server-process.js'
import { sleepers, uniqueSeconds } from '../support/sleepers.js'
import { temporaryFolder } from '../support/test-server.js'
import { until } from '../support/until.js'

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch {
    return false
  }
}

/** Opens an entry on a content that is stored; answers its address. */
async function open(server: ServerProcess, operation: string, params = {}): Promise<string> {
  const content = contentOf('held for ever')
  await send(`${server.url}${PATHS.run('copy')}`, { method: 'POST', body: content.bytes })
  const descriptor = descriptorOf(content, operation, params)
  const path = `${server.url}${PATHS.entry(keyOf(descriptor))}`
  await send(path, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ descriptor }),
  })
  return path
}

test('an attempt that holds its process for ever ends with a server that is killed', async () => {
  const server = await ServerProcess.start(await temporaryFolder())
  const path = await open(server, 'misbehaving', { act: 'block' })
  let pid = 0
  await until(async () => {
    pid = Number((await send(path)).json.progress?.message ?? 0)
    return pid > 0
  })
  expect(isAlive(pid)).toBe(true)
  await server.kill()
  await until(() => !isAlive(pid))
})

test('so does a tool with all that it started, and what it wrote goes with the next server', async () => {
  const folder = await temporaryFolder()
  const server = await ServerProcess.start(folder)
  const seconds = uniqueSeconds()
  const path = await open(server, 'family', { seconds })
  await until(() => sleepers(seconds) === 3)
  const left = await readdir(join(folder, 'scratch'))
  await server.kill()
  await until(() => sleepers(seconds) === 0)
  const next = await ServerProcess.start(folder)
  expect(await readdir(join(folder, 'scratch'))).not.toEqual(expect.arrayContaining(left))
  await send(path.replace(server.url, next.url), { method: 'DELETE' })
})
