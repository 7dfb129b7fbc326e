import { painted } from '../output/colors.js'
import { EXIT } from './exit-status.js'
import type { Failure } from './failure.js'
import { printable } from './printable.js'

/** The two lines that people read. */
export function failureLines(failure: Failure, source?: string): string {
  const { code, message, advice, exitStatus, requestId } = failure
  const named = source === '-' ? 'stdin' : source
  const subject = named === undefined || message.includes(named) ? '' : `${named}: `
  // Of use to who runs the server, and only where it failed.
  const isOfServer = requestId !== undefined && exitStatus === EXIT.unreachable
  const request = isOfServer ? ` It was the request ${printable(requestId)}.` : ''
  const sentence = printable(`${subject}${message}`).replace(/[^.?!]$/, '$&.')
  const name = painted(process.stderr, 'red', 'opcache:')
  return `${name} ${sentence}${request} [${code}]\n  ${printable(advice)}\n`
}

/** What an error was caused by, from the nearest cause on, a line each. */
export function causeLines(error: unknown): string {
  const lines: string[] = []
  const told = new Set([error])
  for (let cause = causeOf(error); cause !== undefined && !told.has(cause); cause = causeOf(cause)) {
    told.add(cause)
    const text = cause instanceof Error ? `${cause.name}: ${cause.message || codeOf(cause)}` : String(cause)
    lines.push(`  because: ${printable(text)}\n`)
  }
  return lines.join('')
}

/** The `error` member that programs read. */
export function failureDocument({ code, message, advice, exitStatus, key, requestId }: Failure) {
  return { code, message, advice, exitStatus, key, requestId }
}

/** Writes the whole of an error, with its stack and causes, if `DEBUG=opcache` asks for it. */
export async function printStack(error: unknown): Promise<void> {
  const isAsked = (process.env.DEBUG ?? '').split(/[\s,]+/).some(name => name === 'opcache' || name === '*')
  if (!isAsked) return
  const { inspect } = await import('node:util')
  process.stderr.write(`${inspect(error)}\n`)
}

/** An attempt at several addresses has one error for each of them. */
function causeOf(error: unknown): unknown {
  if (error instanceof AggregateError) return error.cause ?? error.errors[0]
  return error instanceof Error ? error.cause : undefined
}

function codeOf(error: Error & { code?: unknown }): string {
  return typeof error.code === 'string' ? error.code : ''
}
