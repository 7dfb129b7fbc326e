import { inspect } from 'node:util'
import type { Failure } from './failure.js'
import { printable } from './printable.js'

/** The two lines that people read. */
export function failureLines(failure: Failure, source?: string): string {
  const { code, message, advice, requestId } = failure
  const subject = source === undefined || message.includes(source) ? '' : `${source}: `
  const request = requestId === undefined ? '' : ` (request ${requestId})`
  const sentence = printable(`${subject}${message}${request}`).replace(/[^.?!]$/, '$&.')
  return `opcache: ${sentence} [${code}]\n  ${printable(advice)}\n`
}

/** The `error` member that programs read. */
export function failureDocument({ code, message, advice, exitStatus, key, requestId }: Failure) {
  return { code, message, advice, exitStatus, key, requestId }
}

/** Writes the whole of an error, with its stack and causes, if `DEBUG=opcache` asks for it. */
export function printStack(error: unknown): void {
  const isAsked = (process.env.DEBUG ?? '').split(/[\s,]+/).some(name => name === 'opcache' || name === '*')
  if (isAsked) process.stderr.write(`${inspect(error)}\n`)
}
