import { inspect } from 'node:util'
import { isOperationError } from '../operations/operation-error.js'

/** Longest message that is kept of what an operation throws. */
const MESSAGE_CHARACTERS = 2000

/** How many causes, each of the one before, are told. */
const CAUSES = 3

/**
 * What a thrown value says, with what caused it; operations may throw anything. An `OperationError` was written for
 * people, and is told as it is.
 */
export function thrownMessage(thrown: unknown): string {
  try {
    const message = isOperationError(thrown) ? thrown.message : asTold(thrown)
    return message.slice(0, MESSAGE_CHARACTERS).toWellFormed()
  } catch {
    // What it has as a message, or as a way to become a text, threw as well.
    return 'it threw something that cannot be told'
  }
}

function asTold(thrown: unknown): string {
  return thrown instanceof Error ? withCauses(thrown) : `it threw ${asText(thrown)}`
}

function asText(thrown: unknown): string {
  return typeof thrown === 'string' && thrown !== '' ? thrown : inspect(thrown, { depth: 1 })
}

function withCauses(error: Error): string {
  const said: string[] = []
  for (let each: unknown = error; each instanceof Error && said.length <= CAUSES; each = each.cause) {
    const message = ownMessage(each)
    // Whoever wraps an error often repeats it.
    if (message && !said.some(before => before.includes(message))) said.push(message)
  }
  return said.join(': ')
}

/** Some errors only have those that they are made of, or a code. */
function ownMessage(error: Error): string {
  if (error.message) return String(error.message)
  if (error instanceof AggregateError) return error.errors.map(thrownMessage).join('; ')
  return String((error as NodeJS.ErrnoException).code ?? '')
}

/** Where an error was thrown, for the log: its stack without the folders, which are the server's own business. */
export function thrownPlace(thrown: unknown): string {
  if (!(thrown instanceof Error)) return ''
  const lines = String(thrown.stack)
    .split('\n')
    .filter(line => /^\s+at .*:\d+/.test(line))
  return lines.map(line => `${line.replace(/(file:\/\/)?\/[^\s()]*\//g, '')}\n`).join('')
}
