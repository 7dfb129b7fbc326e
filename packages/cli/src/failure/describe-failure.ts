import { isOperationFailedError } from '@opcache/sdk'
import { sizeText } from '../output/size-text.js'
import { commandLine, shellWord, thisCommand } from '../process/command-line.js'
import { Interrupted } from '../process/interruption.js'
import { CommandError } from './command-error.js'
import { EXIT, exitStatusOf } from './exit-status.js'
import type { Failure, FailureContext } from './failure.js'
import { splitMessage } from './sentences.js'

const SAME_COMMAND = 'Run the same command again: it goes on where it stopped.'

/** What to do where the message does not say it, or says it in the words of the programming interface. */
const ADVICE: Record<string, string> = {
  'bad-server-url':
    'Give one like http://127.0.0.1:7077, https://cache.example.org or unix:/run/opcache.sock.',
  busy: 'Try again in a while: the same command goes on where it stopped.',
  'entry-not-found':
    'Check the key and the server; it may have expired. Run `opcache upload` to make it again.',
  forbidden: 'Ask who runs the server for a token with the scope that is needed.',
  internal: 'Try again in a while, and tell who runs the server if it stays.',
  'invalid-params': 'See `opcache ops <name>` for the parameters.',
  'not-cached': 'Run it without --only-if-cached to have it made.',
  'operation-failed':
    'Check the source and the parameters; `opcache ops <name>` tells what the operation takes.',
  'operation-not-found': 'See `opcache ops` for what there is.',
  'output-exists': 'Use --force to replace it, or -o to name another file.',
  'output-full': 'Make room, or use -o to write elsewhere, and run the same command again.',
  'rate-limited': 'Try again in a while.',
  'source-is-directory': 'Name the files in it; `opcache upload --recursive` takes all of them.',
  'source-unreadable': 'Check its permissions.',
  'storage-full': 'Make room where the server keeps its data, then run the same command again.',
  'too-large': 'Give a smaller source, or ask who runs the server to raise the limit.',
  unauthenticated:
    'Run `opcache login`, or set OPCACHE_TOKEN_FILE or OPCACHE_TOKEN, with a token that this server knows.',
}

/** Advice that replaces what the message says. */
const OVERRULING = new Set([
  'entry-not-found',
  'not-cached',
  'output-exists',
  'output-full',
  'unauthenticated',
])

/** Says what happened, and what to do next, of anything that was thrown. */
export function describeFailure(error: unknown, context: FailureContext = {}): Failure {
  const failure = describeError(error, context)
  const { writtenBytes } = context
  if (writtenBytes === undefined) return failure
  return {
    ...failure,
    advice: `What was written, ${sizeText(writtenBytes)}, is not the whole result: throw it away. ${failure.advice}`,
  }
}

function describeError(error: unknown, context: FailureContext): Failure {
  if (error instanceof Interrupted) return interruption(error, context)
  if (error instanceof CommandError) {
    const { code, message, advice } = error
    return { code, message, advice: suggest(advice, context), exitStatus: exitStatusOf(code) }
  }
  const code = codeOf(error)
  if (code === undefined || exitStatusOf(code) === EXIT.bug) return bug(error)
  const { message, key = context.key, requestId } = error as Error & { key?: string; requestId?: string }
  const { what, rest } = splitMessage(
    message,
    [context.source, context.output].filter(name => name !== undefined),
  )
  const told = OVERRULING.has(code) ? undefined : (rest ?? adviceOnAccident(error))
  const advice =
    adviceOnKey(code, key, context) ??
    told ??
    ADVICE[code]?.replace('<name>', context.operation ?? '<name>') ??
    SAME_COMMAND
  return {
    code,
    message: `${stepOf(context)}${what}`,
    // The server may have suggested something already.
    advice: /did you mean/i.test(message) ? advice : suggest(advice, context),
    exitStatus: exitStatusOf(code),
    key,
    requestId,
  }
}

/** `resize, step 2 of 3: `, where several operations were to be run. */
function stepOf({ step, operation }: FailureContext): string {
  return step === undefined ? '' : `${operation}, step ${step.number} of ${step.count}: `
}

/** What may go better another time says nothing against the source and the parameters. */
function adviceOnAccident(error: unknown): string | undefined {
  return isOperationFailedError(error) && !error.deterministic
    ? 'Run the same command again: it is tried once more, without another upload.'
    : undefined
}

/** What the entry's key allows to do. */
function adviceOnKey(code: string, key: string | undefined, context: FailureContext): string | undefined {
  if (key === undefined) return undefined
  // The same command would not wait for longer.
  if (code === 'wait-timeout') return context.isEmbedded ? SAME_COMMAND : fetchLater(key, context)
  if (!context.isResultCached || !code.startsWith('output-')) return undefined
  const { output } = context
  // A result that would take its source's name has no path yet, and --force does not help it.
  const orForce = code === 'output-exists' && output !== undefined ? ' (or add --force)' : ''
  const elsewhere = code === 'output-full' && output !== undefined ? shellWord(output) : '<file>'
  return `The result stays in the cache: \`${fetchCommand(key, context)} -o ${elsewhere}\` fetches it${orForce}.`
}

/** Fetches the result of an entry, from where it is. */
function fetchCommand(key: string, { serverFlags = [] }: FailureContext): string {
  return commandLine(['get', key, ...serverFlags])
}

/** The same, to where it was to go, once it is there. */
function fetchLater(key: string, context: FailureContext): string {
  const command = [fetchCommand(key, context), ...(context.outputFlags ?? []).map(shellWord)].join(' ')
  return `It goes on: \`${command}\` waits for the result and fetches it.`
}

function interruption(error: Interrupted, context: FailureContext): Failure {
  return {
    code: 'interrupted',
    message: `Stopped by ${error.signal}.`,
    advice: error.outcome ?? comeBack(context),
    exitStatus: error.exitStatus,
    key: context.key,
  }
}

/** How to come back to what was left before it was done. */
function comeBack(context: FailureContext): string {
  const { key, isEmbedded, isProcessing, isResultCached, resumeCommand } = context
  const cancelled = context.isCancelled
    ? 'The operation was ended on the server, and its entry forgotten.'
    : ''
  if (resumeCommand !== undefined) {
    return `${cancelled} Run \`${resumeCommand}\`: it goes on with what is not done.`.trim()
  }
  if (cancelled !== '') return cancelled
  if (context.isUnrepeatable && key !== undefined && (isProcessing || isResultCached)) {
    return fetchLater(key, context)
  }
  const again = `Run \`${thisCommand()}\` again${context.source === '-' ? ' with the same input' : ''}`
  if (isProcessing && !isEmbedded) return `${again}: it waits for the operation, which goes on at the server.`
  const isBegun = context.source !== undefined || key !== undefined
  return isBegun ? `${again}: it goes on where it stopped.` : `${again}.`
}

function bug(error: unknown): Failure {
  return {
    code: 'unexpected',
    message: error instanceof Error ? `${error.name}: ${error.message}` : String(error),
    advice: 'This should not have happened. Run it again with DEBUG=opcache and report what it prints.',
    exitStatus: EXIT.bug,
  }
}

function suggest(advice: string, { suggestion }: FailureContext): string {
  return suggestion === undefined ? advice : `${suggestion} ${advice}`
}

function codeOf(error: unknown): string | undefined {
  if (!(error instanceof Error) || !('code' in error)) return undefined
  return typeof error.code === 'string' ? error.code : undefined
}
