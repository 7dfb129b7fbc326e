import { brotliDecompressSync } from 'node:zlib'
import { expect, test } from 'vitest'
import { bytesOf } from '../support/content.js'
import { TestServer } from '../support/test-server.js'

test('brotli gives what expands to the source again, at every quality', async () => {
  const server = await TestServer.start('memory')
  const source = bytesOf(300_000)
  for (const quality of [0, 5, 11]) {
    const answer = await server.run(`brotli?quality=${quality}`, source)
    expect([answer.status, answer.headers['content-type']]).toEqual([200, 'application/x-brotli'])
    expect(brotliDecompressSync(answer.body).equals(source)).toBe(true)
  }
  expect((await server.run('brotli?quality=12', source)).status).toBe(422)
})
