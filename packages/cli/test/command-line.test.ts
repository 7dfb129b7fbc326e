import { execFileSync } from 'node:child_process'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { printable } from '../src/failure/printable.js'
import { commandLine, shellWord } from '../src/process/command-line.js'

test('plain words stand as they are', () => {
  expect(commandLine(['upload', './a-b.pdf', '-p', 'to=png'])).toBe('opcache upload ./a-b.pdf -p to=png')
  expect(shellWord('')).toBe("''")
})

const word = fc.string({
  unit: fc.constantFrom(
    "'",
    '"',
    '\\',
    '$',
    '`',
    ' ',
    '  ',
    '\n',
    '\t',
    '\u0001',
    '7',
    'a',
    '*',
    'ä',
    '\u0085',
  ),
})

test.skipIf(process.platform === 'win32')(
  'a shell reads any words back as they were, also as they are told',
  () => {
    fc.assert(
      fc.property(fc.array(word, { minLength: 1, maxLength: 8 }), words => {
        const line = printable(words.map(shellWord).join(' '))
        const read = execFileSync('bash', ['-c', `printf '%s\\0' ${line}`], { env: { LC_ALL: 'C.UTF-8' } })
        expect(read.toString().split('\0').slice(0, -1)).toEqual(words)
      }),
      { numRuns: 40 },
    )
  },
)
