import {
  type FaultProxy,
  type Mock,
  type MockOptions,
  startFaultProxy,
  startMock,
} from '@opcache/server-mock'
import { onTestFinished } from 'vitest'

/** A mock, closed when the test is finished. */
export async function testMock(options: MockOptions = {}): Promise<Mock> {
  const mock = await startMock(options)
  onTestFinished(() => mock.close())
  return mock
}

/** A proxy with faults, closed when the test is finished. */
export async function testProxy(url: string): Promise<FaultProxy> {
  const proxy = await startFaultProxy(url)
  onTestFinished(() => proxy.close())
  return proxy
}
