import { Readable } from 'node:stream'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { lineTest } from '../src/grep/line-test.js'
import { linesOf, maxLineBytes } from '../src/grep/lines.js'
import type { GrepParams } from '../src/grep/params.js'
import { query, serverOf } from './running.js'

const LOG = 'GET /a 200\r\nPOST /b 500\nget /c 404\n\nthe last (line)'

const isKept = (params: Partial<GrepParams> & { pattern: string }) =>
  lineTest({ fixed: false, ignoreCase: false, invert: false, ...params })

test.each([
  [{ pattern: 'GET' }, 'GET /a 200\r\n'],
  [{ pattern: '^(GET|POST) .* \\d00$' }, 'GET /a 200\r\nPOST /b 500\n'],
  [{ pattern: 'get', ignoreCase: true }, 'GET /a 200\r\nget /c 404\n'],
  [{ pattern: '\\d', invert: true }, '\nthe last (line)'],
  [{ pattern: '(line)', fixed: true }, 'the last (line)'],
  [{ pattern: 'nowhere' }, ''],
])('grep %j keeps its lines as they are', async (params, kept) => {
  const server = await serverOf()
  const { status, body } = await server.run(query('grep', params), Buffer.from(LOG))
  expect([status, body.toString()]).toEqual([200, kept])
})

test('bytes that are no text stay what they are', async () => {
  const server = await serverOf()
  const source = Buffer.from([0xff, 0x61, 0x00, 0x0a, 0xfe, 0x62, 0x0a])
  const { body } = await server.run('grep?pattern=a', source)
  expect([...body]).toEqual([0xff, 0x61, 0x00, 0x0a])
})

describe('a pattern', () => {
  test('that is no regular expression is told, and what to do', async () => {
    const server = await serverOf()
    const { json } = await server.run(query('grep', { pattern: '(open' }), 'x')
    expect(json).toMatchObject({
      code: 'operation-failed',
      deterministic: true,
      detail: expect.stringMatching(/"\(open" is no regular expression.*missing closing.*fixed=true/),
    })
    for (const pattern of ['(?=x)', 'x{2000}', '\\', '[b-a]', '((a{100}){100}){100}']) {
      expect(() => isKept({ pattern })).toThrow('is no regular expression')
    }
  })

  // An engine that tries every way would need more steps than there are atoms.
  test.each(['(a+)+$', '(a|aa)+$', '(.*)*x$'])(
    'that is %s needs no more for a line that only nearly fits',
    pattern => {
      expect(isKept({ pattern })(`${'a'.repeat(50_000)}!`)).toBe(false)
    },
  )

  test('is missing, of another type, or misspelt: refused before an upload', async () => {
    const server = await serverOf()
    for (const [params, reason] of [
      ['', '"pattern" is missing'],
      ['?pattern=5', '"pattern" must be string'],
      ['?pattern=x&invert=maybe', '"invert" must be boolean'],
      ['?patern=x', 'did you mean "pattern"'],
    ] as const) {
      const { json } = await server.run(`grep${params}`, LOG)
      expect(json).toMatchObject({ code: 'invalid-params', detail: expect.stringContaining(reason) })
    }
    expect(server.runs()).toBe(0)
  })
})

describe('lines', () => {
  test('are the same however the text comes', async () => {
    const texts = fc.array(fc.constantFrom('a', '\n', '\r\n', 'bc', '\n\n'), { maxLength: 40 })
    await fc.assert(
      fc.asyncProperty(texts, fc.integer({ min: 1, max: 7 }), async (pieces, size) => {
        const text = Buffer.from(pieces.join(''))
        const chunks = Array.from({ length: Math.ceil(text.length / size) }, (_, at) =>
          text.subarray(at * size, at * size + size),
        )
        const lines: string[] = []
        for await (const some of linesOf(Readable.from(chunks))) lines.push(...some.map(String))
        expect(lines).toEqual(text.toString().match(/[^\n]*\n|[^\n]+$/g) ?? [])
      }),
    )
  })

  test('without an end are refused, and not gathered without end', async () => {
    const chunk = Buffer.alloc(2 ** 20, 'x')
    let given = 0
    const endless = Readable.from(
      (function* () {
        yield Buffer.from('short\n')
        for (; ; given += chunk.length) yield chunk
      })(),
    )
    const reading = async () => {
      for await (const _ of linesOf(endless));
    }
    await expect(reading()).rejects.toThrow(`line 2 is longer than the ${maxLineBytes} bytes`)
    expect(given).toBeLessThan(2 * maxLineBytes)
  })
})
