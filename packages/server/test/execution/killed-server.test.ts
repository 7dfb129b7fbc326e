import { PATHS } from '@opcache/protocol'
import { expect, test } from 'vitest'
import { contentOf, descriptorOf, keyOf } from '../support/content.js'
import { send } from '../support/send.js'
import { ServerProcess } from '../support/server-process.js'
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

test('an attempt that holds its process for ever ends with a server that is killed', async () => {
  const server = await ServerProcess.start(await temporaryFolder())
  const content = contentOf('held for ever')
  await send(`${server.url}${PATHS.run('copy')}`, { method: 'POST', body: content.bytes })
  const descriptor = descriptorOf(content, 'misbehaving', { act: 'block' })
  const path = `${server.url}${PATHS.entry(keyOf(descriptor))}`
  await send(path, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ descriptor }),
  })
  let pid = 0
  await until(async () => {
    pid = Number((await send(path)).json.progress?.message ?? 0)
    return pid > 0
  })
  expect(isAlive(pid)).toBe(true)
  await server.kill()
  await until(() => !isAlive(pid))
})
