import { isAbsolute, normalize } from 'node:path'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { checkTemplate, fillTemplate, isTemplate, sourceValues } from '../src/output/output-template.js'

describe('an output template', () => {
  test.each([
    ['out/{name}.{ext}', 'in/a.b.pdf', 'out/a.b.txt'],
    ['{dir}/{base}.{ext}', 'in/deep/a.pdf', 'in/deep/a.pdf.txt'],
    ['out/{dir}/{op}-{name}', './a.pdf', 'out/convert-a'],
    ['out/{dir}/{name}', '/etc/a.pdf', 'out/etc/a'],
    ['out/{dir}/{name}', '../../a.pdf', 'out/a'],
    ['{name}', '-', 'stdin'],
  ])('%s names the result of %s %s', (template, source, path) => {
    expect(fillTemplate(template, { ...sourceValues(source), ext: 'txt', op: 'convert' })).toBe(path)
  })

  test('never leaves the folder that it names, whatever the source', () => {
    const piece = fc.constantFrom('..', '.', '', 'a', 'b.c', '~', 'C:')
    fc.assert(
      fc.property(fc.array(piece, { minLength: 1, maxLength: 6 }), pieces => {
        const { dir } = sourceValues([...pieces, 'file.txt'].join('/'))
        expect(isAbsolute(dir) || normalize(dir).split('/').includes('..')).toBe(false)
      }),
    )
  })

  test('is told from a name, and knows its words', () => {
    expect(['{name}', 'a{ext}', 'a{}', 'a.txt', '{1}'].map(isTemplate)).toEqual([
      true,
      true,
      false,
      false,
      false,
    ])
    expect(() => checkTemplate('{basename}')).toThrow('{basename}')
  })
})
