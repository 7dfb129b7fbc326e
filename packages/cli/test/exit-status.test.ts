import { readFile } from 'node:fs/promises'
import { ERROR_TABLE } from '@opcache/protocol'
import {
  OperationFailedError,
  OutputError,
  RequestError,
  ServerUnreachableError,
  WaitTimeoutError,
} from '@opcache/sdk'
import { describe, expect, test } from 'vitest'
import { usageError } from '../src/failure/command-error.js'
import { describeFailure } from '../src/failure/describe-failure.js'
import { EXIT, EXIT_MEANINGS, exitStatusOf } from '../src/failure/exit-status.js'
import type { FailureContext } from '../src/failure/failure.js'
import { failureLines } from '../src/failure/print-failure.js'
import { splitMessage } from '../src/failure/sentences.js'
import { Interrupted } from '../src/process/interruption.js'

describe('exit statuses', () => {
  test.each([
    ['operation-failed', 1],
    ['usage', 2],
    ['source-not-found', 2],
    ['output-exists', 2],
    ['invalid-params', 2],
    ['entry-not-found', 3],
    ['not-cached', 3],
    ['unauthenticated', 4],
    ['forbidden', 4],
    ['server-unreachable', 5],
    ['not-opcache', 5],
    ['busy', 5],
    ['stream-lost', 5],
    ['integrity', 6],
    ['source-changed', 6],
    ['too-large', 7],
    ['storage-full', 7],
    ['output-full', 7],
    ['spool-full', 7],
    ['wait-timeout', 8],
    ['never-heard-of', 70],
  ])('%s ends with %i', (code, status) => {
    expect(exitStatusOf(code)).toBe(status)
  })

  test('every code of the protocol has one that is not a bug', () => {
    for (const code of Object.keys(ERROR_TABLE)) expect(exitStatusOf(code), code).not.toBe(EXIT.bug)
  })

  test('the README has the table that help has', async () => {
    const readme = await readFile(new URL('../README.md', import.meta.url), 'utf8')
    const rows = readme.replace(/ +/g, ' ')
    for (const [status, meaning] of EXIT_MEANINGS) expect(rows).toContain(`| ${status} | ${meaning} |`)
  })

  test('signals end like shells expect', () => {
    expect(describeFailure(new Interrupted('SIGINT')).exitStatus).toBe(130)
    expect(describeFailure(new Interrupted('SIGTERM')).exitStatus).toBe(143)
  })
})

describe('a failure', () => {
  const key = 'ab'.repeat(32)

  test('is told in two lines with its code', () => {
    const text = failureLines(describeFailure(usageError('It is wrong.', 'Make it right.')))
    expect(text).toBe('opcache: It is wrong. [usage]\n  Make it right.\n')
  })

  test('takes what to do from the last sentence of a message', () => {
    const message = 'There is no operation "gz" here. There are: copy, gzip.'
    expect(splitMessage(message)).toEqual({
      what: 'There is no operation "gz" here.',
      rest: 'There are: copy, gzip.',
    })
    expect(splitMessage('Only one.')).toEqual({ what: 'Only one.', rest: undefined })
  })

  test('does not end a sentence inside of a path', () => {
    const message = 'The file Mr. Smith.pdf cannot be read.'
    expect(splitMessage(message, ['Mr. Smith.pdf']).what).toBe(message)
  })

  test('promises to go on only where a source or a result was on its way', () => {
    const advice = (context: FailureContext) => describeFailure(new Interrupted('SIGINT'), context).advice
    for (const context of [{ source: 'file' }, { key }])
      expect(advice(context)).toMatch(/ again: it goes on where it stopped\.$/)
    expect(advice({})).toMatch(/ again\.$/)
  })

  test('cannot steer the terminal', () => {
    const error = new OperationFailedError(key, 'broken\u001b[2J\nopcache: all is fine', false)
    expect(failureLines(describeFailure(error))).not.toContain('\u001b')
    expect(failureLines(describeFailure(error)).split('\n')).toHaveLength(3)
  })

  test('of an operation is blamed on the source only if it would happen again', () => {
    const advice = (deterministic: boolean) =>
      describeFailure(new OperationFailedError(key, 'no luck', deterministic), { operation: 'gzip' }).advice
    expect(advice(true)).toContain('`opcache ops gzip`')
    expect(advice(false)).toMatch(/^Run the same command again/)
  })

  test('names the command that fetches what goes on, unless it stopped with this process', () => {
    const error = new WaitTimeoutError(key, 1000)
    const serverFlags = ['--server', 'http://cache:7077']
    const outputFlags = ['-o', 'my file.txt', '--force']
    expect(describeFailure(error, { serverFlags, outputFlags }).advice).toContain(
      `\`opcache get ${key} --server http://cache:7077 -o 'my file.txt' --force\``,
    )
    expect(describeFailure(error, { isEmbedded: true }).advice).toContain('same command')
  })

  test('names the command that fetches a result that could not be written', () => {
    const error = new OutputError('output-exists', 'x.txt exists.')
    expect(describeFailure(error, { key, isResultCached: true }).advice).toContain(
      `opcache get ${key} -o <file>`,
    )
    expect(describeFailure(error).advice).toContain('--force')
  })

  test('tells the request id where the server failed, and nowhere else', () => {
    const failed = { code: 'internal', status: 500, detail: 'It broke.', requestId: 'req-7' } as const
    expect(failureLines(describeFailure(new RequestError(failed)))).toContain(
      'It broke. It was the request req-7. [internal]\n',
    )
    const refused = { ...failed, code: 'invalid-params', status: 422 } as const
    expect(failureLines(describeFailure(new RequestError(refused)))).not.toContain('req-7')
  })

  test('that nobody foresaw is a bug, and says so', () => {
    expect(describeFailure(new TypeError('x is not a function'))).toMatchObject({
      code: 'unexpected',
      exitStatus: 70,
    })
  })

  test('of a server that is out of reach does not repeat itself', () => {
    const { message, advice } = describeFailure(new ServerUnreachableError('http://x', 'refused'))
    expect(message).not.toContain('Check')
    expect(advice).toContain('Check')
  })
})
