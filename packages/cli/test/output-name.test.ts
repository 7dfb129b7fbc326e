import { describe, expect, test } from 'vitest'
import { expectedExtension, outputPath, resultBaseName } from '../src/output/output-name.js'

const naming = { source: 'folder/report.v2.pdf', resultName: 'result.txt', operation: 'convert', folder: '.' }

describe('the name of an output that nobody named', () => {
  test('is that of the source with the extension of the result, in the given folder', () => {
    expect(outputPath(naming)).toBe('report.v2.txt')
    expect(outputPath({ ...naming, folder: 'out' })).toBe('out/report.v2.txt')
    expect(outputPath({ ...naming, source: '.profile' })).toBe('.profile.txt')
    expect(outputPath({ ...naming, source: 'Makefile' })).toBe('Makefile.txt')
  })

  test('ends in the operation where the result has no extension', () => {
    expect(outputPath({ ...naming, resultName: 'result' })).toBe('report.v2.convert')
  })

  test('is that of the result for what came from stdin', () => {
    expect(outputPath({ ...naming, source: '-' })).toBe('result.txt')
  })

  test('never leaves the folder, whatever the server calls the result', () => {
    for (const name of ['../../etc/passwd', '/etc/passwd', '..\\passwd', '.passwd']) {
      expect(outputPath({ ...naming, source: '-', resultName: name, folder: 'out' })).toBe('out/passwd')
    }
    expect(resultBaseName('..')).toBe('result')
    expect(resultBaseName('')).toBe('result')
    expect(resultBaseName('a\u0000b\n.txt')).toBe('a_b_.txt')
  })
})

describe('the extension that parameters foretell', () => {
  test('is the usual one of `to`', () => {
    expect(expectedExtension({ to: 'txt' })).toBe('txt')
    expect(expectedExtension({ to: 'JPEG' })).toBe('jpg')
  })

  test('is unknown without `to`, for strange values, and where pages may come in an archive', () => {
    expect(expectedExtension({})).toBeUndefined()
    expect(expectedExtension({ to: 3 })).toBeUndefined()
    expect(expectedExtension({ to: '../x' })).toBeUndefined()
    expect(expectedExtension({ to: 'png', pages: 'all' })).toBeUndefined()
  })
})
