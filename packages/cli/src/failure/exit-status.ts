import type { ErrorCode } from '@opcache/protocol'
import type { OutputErrorCode, SourceErrorCode } from '@opcache/sdk'

/** What the program's exit status tells. */
export const EXIT = {
  ok: 0,
  operationFailed: 1,
  usage: 2,
  notFound: 3,
  refused: 4,
  unreachable: 5,
  damaged: 6,
  full: 7,
  waitTimeout: 8,
  bug: 70,
} as const

/** The table that help and README show. */
export const EXIT_MEANINGS: readonly (readonly [status: string, meaning: string])[] = [
  ['0', 'done'],
  ['1', 'the operation ran and failed'],
  [
    '2',
    'wrong usage: options, parameters, a source that cannot be read, an output that exists or is not writable',
  ],
  ['3', 'no such entry, or no cached result (--only-if-cached)'],
  ['4', 'the server refused the credentials'],
  ['5', 'the server could not be reached, is no opcache server, or failed, after retries'],
  ['6', 'bytes were damaged on the way, the source changed while it was read, or a checked file differs'],
  ['7', 'too large, or a disk, store or quota is full'],
  ['8', 'the wait timed out'],
  ['70', 'a bug in opcache'],
  ['130, 143', 'stopped by SIGINT (Ctrl-C) or SIGTERM'],
]

/** Codes of errors that the command line raises itself. */
export type CommandErrorCode =
  | 'usage'
  | 'bad-server-url'
  | 'config-unreadable'
  | 'config-not-set'
  | 'token-unreadable'
  | 'cache-not-usable'
  | 'cannot-authenticate'
  | 'cannot-listen'
  | 'operation-not-found'
  | 'content-not-found'
  | 'source-gone'
  | 'checksum-mismatch'

type ClientErrorCode =
  | OutputErrorCode
  | SourceErrorCode
  | 'integrity'
  | 'output-diverged'
  | 'not-cached'
  | 'not-opcache'
  | 'server-unreachable'
  | 'source-changed'
  | 'stream-lost'
  | 'wait-timeout'

const STATUS = {
  'operation-failed': EXIT.operationFailed,

  usage: EXIT.usage,
  'config-unreadable': EXIT.usage,
  'token-unreadable': EXIT.usage,
  'cache-not-usable': EXIT.usage,
  'cannot-authenticate': EXIT.usage,
  'cannot-listen': EXIT.usage,
  'bad-server-url': EXIT.usage,
  'source-not-found': EXIT.usage,
  'source-is-directory': EXIT.usage,
  'source-unreadable': EXIT.usage,
  'source-gone': EXIT.usage,
  'source-unsupported': EXIT.usage,
  'output-exists': EXIT.usage,
  'output-not-writable': EXIT.usage,
  'invalid-params': EXIT.usage,
  'operation-not-found': EXIT.usage,

  'config-not-set': EXIT.notFound,
  'not-cached': EXIT.notFound,
  'entry-not-found': EXIT.notFound,
  'content-not-found': EXIT.notFound,

  unauthenticated: EXIT.refused,
  forbidden: EXIT.refused,

  'server-unreachable': EXIT.unreachable,
  'not-opcache': EXIT.unreachable,
  internal: EXIT.unreachable,
  busy: EXIT.unreachable,
  'rate-limited': EXIT.unreachable,
  // A server that does not understand what this client says.
  'bad-request': EXIT.unreachable,
  'not-found': EXIT.unreachable,
  'method-not-allowed': EXIT.unreachable,
  'descriptor-conflict': EXIT.unreachable,
  'attempt-changed': EXIT.unreachable,
  'length-required': EXIT.unreachable,
  'unsupported-encoding': EXIT.unreachable,
  'range-not-satisfiable': EXIT.unreachable,
  'expectation-failed': EXIT.unreachable,

  'stream-lost': EXIT.unreachable,

  integrity: EXIT.damaged,
  'output-diverged': EXIT.damaged,
  'source-changed': EXIT.damaged,
  'checksum-mismatch': EXIT.damaged,
  'content-mismatch': EXIT.damaged,
  'block-mismatch': EXIT.damaged,
  'manifest-mismatch': EXIT.damaged,
  'key-mismatch': EXIT.damaged,

  'too-large': EXIT.full,
  'storage-full': EXIT.full,
  'output-full': EXIT.full,
  'spool-full': EXIT.full,

  'wait-timeout': EXIT.waitTimeout,
} as const satisfies Record<ErrorCode | ClientErrorCode | CommandErrorCode, number>

/** The exit status of an error code; the one of a bug for a code that nobody knows. */
export function exitStatusOf(code: string): number {
  return Object.hasOwn(STATUS, code) ? STATUS[code as keyof typeof STATUS] : EXIT.bug
}
