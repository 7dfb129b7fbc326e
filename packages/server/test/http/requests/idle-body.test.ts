import type { IncomingMessage } from 'node:http'
import type { Socket } from 'node:net'
import { PATHS } from '@opcache/protocol'
import { expect, test } from 'vitest'
import { bytesOf, contentOf, descriptorOf, keyOf } from '../../support/content.js'
import { Gate } from '../../support/gate.js'
import { scripted } from '../../support/scripted.js'
import { MIB, TestServer } from '../../support/test-server.js'
import { until } from '../../support/until.js'

test('a body that does not come ends its connection; a wait does not', async () => {
  const sockets = new Map<string, Socket>()
  const gate = new Gate()
  const slow = scripted('slow', { run: (_run, _context, source) => gate.opened.then(() => source) })
  const server = await TestServer.start('memory', {
    operations: [slow],
    prepare: app => {
      app.server.on('request', ({ method, url, socket }: IncomingMessage) => {
        sockets.set(`${method} ${url}`, socket)
      })
    },
  })
  const timeOf = (request: string) => sockets.get(request)?.timeout || 0
  const content = contentOf(bytesOf(2 * MIB))
  const path = PATHS.entry(keyOf(descriptorOf(content, 'slow')))
  const opening = await server.open(descriptorOf(content, 'slow'))
  expect(opening.status).toBe(202)
  await server.declare(content)

  const waiting = server.entry(descriptorOf(content, 'slow'), { prefer: 'wait=25' })
  await until(() => sockets.has(`GET ${path}`))
  const sending = await server.connect()
  await sending.writeHead(`PUT ${PATHS.blocks(content.id, 0)}`, { 'content-length': content.size })
  await until(() => timeOf(`PUT ${PATHS.blocks(content.id, 0)}`) > 0)
  expect(timeOf(`GET ${path}`)).toBe(0)

  // As when its time is over.
  sockets.get(`PUT ${PATHS.blocks(content.id, 0)}`)?.emit('timeout')
  await sending.readToEnd()
  await server.part(content, 0, 2)
  const running = server.run('slow', content.bytes)
  await until(() => sockets.has(`POST ${PATHS.run('slow')}`) && timeOf(`POST ${PATHS.run('slow')}`) === 0)
  gate.open()
  expect((await waiting).json.state).toBe('COMPLETE')
  expect((await running).status).toBe(200)
})
