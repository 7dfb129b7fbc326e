import { destination, type Logger, pino } from 'pino'
import type { ServerEvent } from '../engine/server-event.js'
import type { LogLevel } from './log-level.js'

/** A request that has ended, and who asked. */
export interface LoggedRequest {
  readonly reqId: string
  readonly method: string
  /** Without the query. */
  readonly path: string
  readonly status: number
  readonly durationMs: number
  readonly remoteAddress: string
  readonly namespace?: string
  readonly user?: string
}

/** What a server tells in JSON lines: of its work on stdout, of what went wrong on stderr. */
export class ServerLog {
  readonly #work: Logger
  readonly #reports: Logger

  constructor(level: LogLevel) {
    this.#work = pino({ level }, destination({ fd: 1, sync: true }))
    this.#reports = pino({ level }, destination({ fd: 2, sync: true }))
  }

  request(request: LoggedRequest): void {
    const { status } = request
    const level = status >= 500 ? 'error' : status >= 400 ? 'warn' : 'info'
    this.#work[level](request, 'request ended')
  }

  event(event: ServerEvent): void {
    // Those have lines of their own.
    if (event.kind === 'request-ended') return
    const { kind, ...told } = event
    this.#work.debug(told, kind.replaceAll('-', ' '))
  }

  report(error: unknown, what: string): void {
    // What else an error carries may be anybody's.
    const { name, message, stack } = error instanceof Error ? error : new Error(String(error))
    this.#reports.error({ err: { type: name, message, stack } }, `failed while ${what}`)
  }
}
