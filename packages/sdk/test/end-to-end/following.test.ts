import { PassThrough } from 'node:stream'
import { buffer } from 'node:stream/consumers'
import { gunzipSync } from 'node:zlib'
import { defineOperation, OperationError } from '@opcache/server'
import { describe, expect, test } from 'vitest'
import { isOperationFailedError, isOutputDivergedError } from '../../src/index.js'
import { MIB, noise } from '../support/bytes.js'
import { eventually } from '../support/eventually.js'
import { skipTime } from '../support/skip-time.js'
import { testMock, testProxy } from '../support/test-mock.js'
import { testClient, testServer } from '../support/test-server.js'

const source = noise(12 * MIB + 9)

/** Gives back what it reads, until `when` says otherwise. */
function echo(when: (bytes: number, run: number) => Uint8Array | undefined = () => undefined) {
  let runs = 0
  return defineOperation({
    name: 'echo',
    version: '1',
    summary: 'Gives back what it reads',
    params: { type: 'object' },
    streaming: true,
    run: async ({ input, output }) => {
      runs += 1
      let bytes = 0
      for await (const chunk of input.stream() as AsyncIterable<Uint8Array>) {
        bytes += chunk.length
        output.write(when(bytes, runs) ?? chunk)
      }
      return {}
    },
  })
}

/** Exactly so many bytes of a stream. */
async function take(output: PassThrough | NodeJS.ReadableStream, bytes: number): Promise<Buffer> {
  const taken: Buffer[] = []
  for (let length = 0; length < bytes; ) {
    const chunk = output.read() as Buffer | null
    if (chunk === null) await new Promise(resolve => output.once('readable', resolve))
    else {
      taken.push(chunk)
      length += chunk.length
    }
  }
  return Buffer.concat(taken)
}

describe('who follows a run', () => {
  test('reads output before the source has ended, and gets the result', async () => {
    const cache = testClient((await testServer()).url)
    const input = new PassThrough()
    const { output, done } = cache.follow(input, 'copy')
    input.write(source.subarray(0, 2 * MIB))
    const first = await take(output, 2 * MIB)
    expect(first.equals(source.subarray(0, 2 * MIB))).toBe(true)
    input.end(source.subarray(2 * MIB))
    expect((await buffer(output)).equals(source.subarray(2 * MIB))).toBe(true)
    const result = await done
    expect(result).toMatchObject({ served: 'miss', uploadedBytes: source.length })
    // The result is in the cache, under the content's key.
    expect(await cache.run(source, 'copy')).toMatchObject({ served: 'hit', uploadedBytes: 0 })
    expect(Buffer.compare(await result.bytes(), source)).toBe(0)
  })

  test('gets the result of what does not stream, and what is cached, all the same', async () => {
    const cache = testClient((await testServer()).url)
    const resource = { name: 'document', version: '1' }
    for (const served of ['miss', 'hit']) {
      const { output, done } = cache.follow(source, { name: 'prefix', params: { text: 'x' } }, { resource })
      expect((await buffer(output)).subarray(1).equals(source)).toBe(true)
      expect((await done).served).toBe(served)
    }
  })

  test('loses nothing with its connections', async () => {
    const mock = await testMock()
    const proxy = await testProxy(mock.url)
    mock.faults.plan({ on: 'result', action: { kind: 'drop-answer', afterBytes: 3 * MIB + 7 } })
    mock.faults.plan({ on: 'result', nth: 2, action: { kind: 'drop-answer', afterBytes: MIB } })
    const cache = testClient(proxy.url)
    const { output, done } = cache.follow(source, { name: 'gzip', params: { level: 1 } })
    const packed = await buffer(output)
    expect(gunzipSync(packed).equals(source)).toBe(true)
    expect((await done).result.size).toBe(packed.length)
    expect(mock.faults.pending).toEqual([])
  })

  test('errs, and never ends, when the operation fails in the middle', async () => {
    const failing = echo(bytes => {
      if (bytes > 4 * MIB) throw new OperationError('It is unreadable from here on.')
      return undefined
    })
    const cache = testClient((await testServer({ operations: [failing] })).url)
    const { output, done } = cache.follow(source, 'echo')
    const read = buffer(output).catch(error => error)
    await expect(done).rejects.toSatisfy(isOperationFailedError)
    expect(await read).toSatisfy(isOperationFailedError)
  })

  test.each([true, false])(
    'goes on with another attempt where that writes the same (%s), and errs elsewhere',
    async isSame => {
      const stalling = echo((_, run) => (isSame || run === 1 ? undefined : Buffer.alloc(9)))
      const { url } = await testServer({ operations: [stalling] })
      const cache = testClient(url)
      const input = new PassThrough()
      const { output, done } = cache.follow(input, 'echo')
      done.catch(() => undefined)
      input.write(source.subarray(0, 2 * MIB))
      const first = await take(output, 2 * MIB)
      const attempt = async () => {
        for await (const entry of cache.list()) return entry.attempt
        return 0
      }
      // Longer than an attempt waits for the next block.
      skipTime(100_000)
      await eventually(attempt).toBe(2)
      input.end(source.subarray(2 * MIB))
      if (isSame) {
        expect(Buffer.concat([first, await buffer(output)]).equals(source)).toBe(true)
        expect((await done).result.size).toBe(source.length)
      } else {
        await expect(buffer(output)).rejects.toSatisfy(isOutputDivergedError)
        await expect(done).rejects.toSatisfy(isOutputDivergedError)
      }
    },
  )

  test('stops all of it by closing the output', async () => {
    const cache = testClient((await testServer()).url)
    const input = new PassThrough()
    const { output, done } = cache.follow(input, 'copy')
    input.write(source.subarray(0, 2 * MIB))
    await take(output, MIB)
    output.destroy()
    await expect(done).rejects.toThrow('closed before its end')
  })
})
