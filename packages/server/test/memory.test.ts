import { existsSync } from 'node:fs'
import { Readable } from 'node:stream'
import { Accumulator, addManifestBlocks, loadBlake3, PATHS } from '@opcache/protocol'
import { expect, test } from 'vitest'
import { descriptorOf, keyOf } from './support/content.js'
import { send } from './support/send.js'
import { ServerProcess } from './support/server-process.js'
import { MIB, temporaryFolder } from './support/test-server.js'

const BLOCKS = 1024
const size = BLOCKS * MIB
const block = Buffer.alloc(MIB, 'opcache')
const blake3 = await loadBlake3()

/** A content of 1 GiB that no memory has to hold: one block over and over. */
function largeContent() {
  const digest = blake3.digest(block)
  const manifest = Buffer.concat(Array.from({ length: BLOCKS }, () => digest))
  const sum = new Accumulator(blake3)
  addManifestBlocks(sum, size, manifest, 0, BLOCKS)
  return { id: sum.contentId(size), manifest }
}

const isMeasurable = existsSync('/proc/self/status')

test.skipIf(!isMeasurable)(
  'a server takes 1 GiB in parts and in chunks with less than 200 MiB of memory',
  async () => {
    const server = await ServerProcess.start(await temporaryFolder())
    const { id, manifest } = largeContent()
    await send(server.url + PATHS.content(id), {
      method: 'PUT',
      headers: { 'opcache-content-size': size },
      body: manifest,
    })
    const part = Buffer.concat(Array.from({ length: 8 }, () => block))
    const firsts = Array.from({ length: BLOCKS / 8 }, (_, index) => index * 8)
    const sender = async () => {
      for (let first = firsts.pop(); first !== undefined; first = firsts.pop()) {
        const answer = await send(server.url + PATHS.blocks(id, first), { method: 'PUT', body: part })
        expect(answer.status).toBe(200)
      }
    }
    await Promise.all([sender(), sender(), sender(), sender()])
    expect((await send(server.url + PATHS.content(id))).json).toMatchObject({ state: 'COMPLETE', size })

    const chunks = Readable.from(
      (function* () {
        for (let index = 0; index < BLOCKS; index++) yield block
      })(),
    )
    const run = await send(server.url + PATHS.run('copy'), {
      method: 'POST',
      body: chunks,
      headers: { prefer: 'wait=0' },
    })
    const key = keyOf(descriptorOf({ id }))
    expect([run.status, run.headers['opcache-key']]).toEqual([202, key])
    const done = await send(server.url + PATHS.entry(key), { headers: { prefer: 'wait=300' } })
    expect(done.json).toMatchObject({ state: 'COMPLETE', result: { id } })
    expect(await server.peakMemoryMib()).toBeLessThan(200)
  },
)
