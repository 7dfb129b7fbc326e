import * as zlib from 'node:zlib'
import { describe, expect, test } from 'vitest'
import { bytesOf } from '../support/content.js'
import { describeStorages, TestServer } from '../support/test-server.js'

const source = bytesOf(300_000)

test('brotli gives what expands to the source again, at every quality', async () => {
  const server = await TestServer.start('memory')
  for (const quality of [0, 5, 11]) {
    const answer = await server.run(`brotli?quality=${quality}`, source)
    expect([answer.status, answer.headers['content-type']]).toEqual([200, 'application/x-brotli'])
    expect(zlib.brotliDecompressSync(answer.body).equals(source)).toBe(true)
  }
  expect((await server.run('brotli?quality=12', source)).status).toBe(422)
})

/** Node has Zstandard from 22.15 on. */
const hasZstd = 'createZstdCompress' in zlib
/** What the types of Node 20 do not know. */
interface ZstdOfNode {
  zstdCompressSync(bytes: Buffer): Buffer
}
if (!hasZstd) console.warn(`Skipped: the tests of zstd, which Node ${process.version} has not.`)

const pairs = [['gzip', 'gunzip'], ['brotli', 'unbrotli'], ...(hasZstd ? [['zstd', 'unzstd']] : [])] as [
  string,
  string,
][]

describe.each(pairs)('%s and %s', (pack, unpack) => {
  test('give the source again, be it empty', async () => {
    const server = await TestServer.start('memory')
    for (const bytes of [source, Buffer.alloc(0)]) {
      const packed = await server.run(pack, bytes)
      const unpacked = await server.run(unpack, packed.body)
      expect([packed.status, unpacked.status, unpacked.body.equals(bytes)]).toEqual([200, 200, true])
    }
  })

  test('take nothing for whole that is cut, goes on after its end, or is something else', async () => {
    const server = await TestServer.start('memory')
    const packed = (await server.run(pack, source)).body
    const cuts = [0, 1, 5, packed.length >> 1, packed.length - 1].map(length => packed.subarray(0, length))
    for (const bytes of [...cuts, Buffer.concat([packed, Buffer.from('and on')]), Buffer.from('no such')]) {
      const { status, json } = await server.run(unpack, bytes)
      expect([status, json]).toMatchObject([
        422,
        { deterministic: true, detail: expect.stringMatching(/^The source is not (a|one) whole/) },
      ])
    }
  })
})

describe.each(pairs.map(([, unpack]) => unpack).filter(unpack => unpack !== 'unbrotli'))('%s', unpack => {
  test('expands several in one after the other', async () => {
    const server = await TestServer.start('memory')
    const pack = pairs.find(pair => pair[1] === unpack)![0]
    const packed = (await server.run(pack, source)).body
    const { body } = await server.run(unpack, Buffer.concat([packed, packed, packed]))
    expect(body.equals(Buffer.concat([source, source, source]))).toBe(true)
  })
})

test.skipIf(hasZstd)('without Zstandard in Node, a server says what it lacks before any upload', async () => {
  const server = await TestServer.start('memory')
  const { operations, lacking } = (await server.send('/v1')).json
  for (const name of ['zstd', 'unzstd']) {
    expect(operations).not.toContainEqual(expect.objectContaining({ name }))
    expect(lacking).toContainEqual({ name, needs: 'Node 22.15 or newer' })
    const refused = await server.run(name, source)
    expect(refused.json).toMatchObject({
      code: 'operation-not-found',
      detail: expect.stringContaining('needs Node 22.15 or newer'),
    })
  }
  expect(server.runs()).toBe(0)
})

describeStorages('a bomb', kind => {
  const limits = { maxResultBytes: 4_000_000 }
  const zeros = Buffer.alloc(64_000_000)
  const bombs: [string, Buffer][] = [
    ['gunzip', zlib.gzipSync(zeros)],
    [
      'unbrotli',
      zlib.brotliCompressSync(zeros, {
        params: { [zlib.constants.BROTLI_PARAM_QUALITY]: 3 },
      }),
    ],
    ...(hasZstd
      ? [['unzstd', (zlib as unknown as ZstdOfNode).zstdCompressSync(zeros)] as [string, Buffer]]
      : []),
  ]
  test.each(bombs)(
    'through %s ends at the largest result, costs one attempt and leaves no bytes',
    async (name, bomb) => {
      const server = await TestServer.start(kind, { limits })
      for (let turn = 0; turn < 2; turn++) {
        const { status, json } = await server.run(name, bomb)
        expect([status, json]).toMatchObject([
          422,
          { deterministic: true, detail: expect.stringContaining('larger than the 4000000 bytes') },
        ])
      }
      expect(server.runs()).toBe(1)
      if (kind === 'embedded') expect(await server.blobs()).toHaveLength(1)
    },
  )
})
