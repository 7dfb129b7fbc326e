import { type FaultProxy, type Mock, startFaultProxy } from '@opcache/server-mock'
import { onTestFinished } from 'vitest'
import type { CachedResult, Opcache, OpcacheOptions } from '../../src/index.js'
import { noise } from './bytes.js'
import { testMock } from './test-mock.js'
import { testClient } from './test-server.js'

/** A result that is stored, and a way to it that counts and fails as planned. */
export interface StoredResult {
  readonly bytes: Uint8Array
  readonly mock: Mock
  readonly proxy: FaultProxy
  readonly cache: Opcache
  readonly result: CachedResult
}

/** Has a result of `size` bytes made and gives a handle that has seen none of its bytes. */
export async function storedResult(
  size: number,
  options: Partial<OpcacheOptions> = {},
): Promise<StoredResult> {
  const mock = await testMock()
  const proxy = await startFaultProxy(mock.url)
  onTestFinished(() => proxy.close())
  const bytes = noise(size)
  const { key } = await testClient(mock.url).run(bytes, 'copy')
  const cache = testClient(proxy.url, options)
  const result = await cache.result(key)
  mock.recorder.clear()
  return { bytes, mock, proxy, cache, result }
}
