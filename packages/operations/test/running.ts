import { TestServer } from '../../server/test/support/test-server.js'
import { operations } from '../src/index.js'

/** A server with the operations of this package, which ends with the test. */
export const serverOf = (kind: 'memory' | 'embedded' = 'memory', options: object = {}) =>
  TestServer.start(kind, { operations, ...options })

/** Query text of parameters. */
export const query = (operation: string, params: Record<string, unknown>) =>
  `${operation}?${new URLSearchParams(Object.entries(params).map(([name, value]): [string, string] => [name, String(value)]))}`
