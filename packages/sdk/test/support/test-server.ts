import {
  defineOperation,
  OperationError,
  type RunningServer,
  type ServerOptions,
  startServer,
} from '@opcache/server'
import { onTestFinished } from 'vitest'
import { Opcache, type OpcacheOptions } from '../../src/index.js'
import { scratchFolder } from './scratch.js'

const anyParams = { type: 'object', additionalProperties: true }

/** Puts its parameter `text` in front of the source. */
export const prefix = defineOperation({
  name: 'prefix',
  version: '1',
  summary: 'Puts a text in front',
  params: anyParams,
  streaming: false,
  run: async ({ input, output, params, progress }) => {
    progress({ fraction: 0.5, message: 'half of it' })
    output.write(String((params as { text?: unknown }).text))
    for await (const chunk of input.stream()) output.write(chunk)
    return { type: 'text/plain', name: 'prefixed.txt' }
  },
})

/** Fails for good. */
export const refuse = defineOperation({
  name: 'refuse',
  version: '1',
  summary: 'Refuses every source',
  params: anyParams,
  streaming: false,
  run: async ({ input }) => {
    for await (const chunk of input.stream()) if (!chunk) break
    throw new OperationError('This source is refused.')
  },
})

/** An operation that stands still until `open` is called. */
export function gatedOperation() {
  let runs = 0
  let open: () => void = () => undefined
  const opened = new Promise<void>(resolve => {
    open = resolve
  })
  const operation = defineOperation({
    name: 'gated',
    version: '1',
    summary: 'Waits for a sign, then gives the source back',
    params: anyParams,
    streaming: false,
    run: async ({ input, output, signal }) => {
      runs += 1
      await Promise.race([opened, new Promise((_, reject) => signal.addEventListener('abort', reject))])
      for await (const chunk of input.stream()) output.write(chunk)
      return {}
    },
  })
  return { operation, open: () => open(), runs: () => runs }
}

/** A real server with a folder of its own, stopped when the test is finished. */
export async function testServer(options: Partial<ServerOptions> = {}): Promise<RunningServer> {
  const folder = await scratchFolder()
  const server = await startServer({
    storage: { folder },
    port: 0,
    operations: [prefix, refuse],
    ...options,
    // What a test leaves running is not waited for, and what it asks is to be answered, however busy its machine is.
    limits: { attemptGraceMs: 0, maxLoopDelayMs: Number.POSITIVE_INFINITY, ...options.limits },
  })
  onTestFinished(() => server.close())
  return server
}

/** A client, closed when the test is finished. */
export function testClient(server: string, options: Partial<OpcacheOptions> = {}): Opcache {
  const cache = new Opcache({ server, ...options })
  onTestFinished(() => cache.close())
  return cache
}
