import { describe, expect, test } from 'vitest'
import { sniff } from '../src/convert/sniff.js'
import { headBytes, headOf } from '../src/convert/source-head.js'
import { convertBytes } from './converting.js'
import { failureOf } from './failing.js'
import { redAndBlue } from './image-fixtures.js'
import { makePages } from './pdf-fixtures.js'

const formatOf = async (text: string | Buffer, isWhole = true) =>
  (await sniff(headOf(Buffer.from(text as string), isWhole))).format

describe('text is told by what it is', () => {
  test.each([
    ['csv', 'a,b\n1,2\n'],
    ['csv', '\ufeffName;City\r\nAnn;Oslo\r\n'],
    ['csv', 'a\tb\n1\t2'],
    ['csv', ',name\n0,Ann\n1,Bob\n'],
    ['csv', 'name,note\nAnn,"two\nlines, quoted"\nBob,x\n'],
    ['csv', 'BM,II,GIF89a\n1,2,3\n'],
    ['csv', 'a,b,c\n1,2,3\n4,5\n'],
    ['csv', 'a,b\n1,2,3\n'],
    ['csv', 'a,b\n1,"2\n3,4\n'],
    ['json', '[]'],
    ['json', ' \n{"a": 1}'],
    ['json', '[1, 2]'],
    ['json', '[{"a": 1,'],
    ['json', '{"a,b": 1,\n"c,d": 2}'],
    ['markdown', 'Just words.'],
    ['markdown', '# Heading, with comma\nand text, with comma\n'],
    ['markdown', '- one, two\n- three, four\n'],
    ['markdown', '| a | b |\n|---|---|\n| 1 | 2 |\n'],
    ['markdown', 'Dear Ann,\nthank you, and bye\n'],
    ['markdown', 'First, some words that go on.\nThen others.\nAnd more.\nAnd more.\n'],
    ['markdown', '[1](https://example.org) and [2](https://example.org)'],
    ['markdown', '[link]: https://example.org\n'],
    ['markdown', '{not json}'],
    ['markdown', 'BM is not a bitmap.'],
    ['markdown', 'GIF89a is a signature.'],
    ['markdown', 'A text that speaks of %PDF-1.7 and <svg>.'],
    ['markdown', 'one column\nof words\n'],
    ['markdown', '42'],
    ['markdown', '   \n'],
    ['svg', '<svg xmlns="http://www.w3.org/2000/svg"/>'],
    ['svg', '\ufeff<?xml version="1.0"?>\n<!-- a <svg> --><!DOCTYPE svg [ <!ENTITY a "b"> ]>\n<svg:svg/>'],
    ['html', '<!DOCTYPE html><html></html>'],
    ['xml', '<?xml version="1.0"?><note/>'],
  ])('%s: %j', async (format, text) => {
    expect(await formatOf(text)).toBe(format)
  })

  test('of a large text only the start is judged, wherever it is cut', async () => {
    const table = Buffer.from(`name,city\n${'Åsa,Örebro\n'.repeat(40_000)}`)
    for (const cut of [0, 1, 2, 3])
      expect(await formatOf(table.subarray(0, headBytes - cut), false)).toBe('csv')
    expect(await formatOf(`[${'1,'.repeat(1_000)}`, false)).toBe('json')
    expect(await formatOf(`[1](x) ${'word '.repeat(1_000)}`, false)).toBe('markdown')
  })
})

test('bytes before the signature of a PDF document are passed over', async () => {
  const pdf = await makePages(1)
  expect(await formatOf(Buffer.concat([Buffer.from('junk\n'), pdf]))).toBe('pdf')
  expect((await convertBytes(Buffer.concat([Buffer.from('junk\n'), pdf]))).text).toBe('This is page 1.\n')
})

describe('fails, in words, for', () => {
  test('an empty source', async () => {
    expect(await failureOf('')).toBe('the source is empty: there is nothing to convert')
    expect(await failureOf('', { from: 'csv' })).toMatch(/empty/)
  })

  test.each([
    ['a ZIP file (application/zip)', Buffer.from('PK\x03\x04\0\0\0\0\0\0\0\0')],
    ['a BMP image', Buffer.from('BM\0\0\0\0')],
    ['UTF-16 text (save it as UTF-8 first)', Buffer.from('\ufeffhello', 'utf16le')],
    ['a source of unknown type, neither a known file type nor UTF-8 text', Buffer.from([0xc0, 0, 1, 2])],
    ['an HTML document (from=markdown reads it as plain text)', Buffer.from('<html lang="en">')],
  ])('%s', async (label, bytes) => {
    expect(await failureOf(bytes)).toBe(
      `cannot convert ${label}: what can be converted are images (PNG, JPEG, WebP, AVIF, TIFF, GIF or SVG), PDF documents, office documents, sound files, video files, and CSV, JSON or Markdown as UTF-8 text`,
    )
  })

  test('text that stops being UTF-8 after its start', async () => {
    const late = Buffer.concat([Buffer.from('word\n'.repeat(100_000)), Buffer.from([0xff])])
    expect(await failureOf(late)).toMatch(/is not text in UTF-8 throughout/)
    expect(await failureOf(`a,b\n${'1,2\n'.repeat(100_000)}1,\0`)).toMatch(
      /not text in UTF-8 throughout \(near line \d+\)/,
    )
  })
})

describe('from', () => {
  test('decides among kinds of text', async () => {
    const table = 'a,b\n1,2\n'
    expect((await convertBytes(table)).type).toBe('application/json')
    expect((await convertBytes(table, { from: 'markdown' })).text).toContain('<p>a,b\n1,2</p>')
    expect((await convertBytes('<!doctype html><p>', { from: 'text' })).text).toContain('&lt;p&gt;')
    expect((await convertBytes('a\n1\n', { from: 'CSV' })).text).toBe('[\n{"a":"1"}\n]\n')
  })

  test('may say what the bytes say anyway', async () => {
    const png = await redAndBlue().png().toBuffer()
    for (const from of ['png', 'image']) expect((await convertBytes(png, { from })).type).toBe('image/webp')
    expect((await convertBytes(await makePages(1), { from: 'pdf' })).name).toBe('result.txt')
  })

  test('fails where it contradicts the bytes, or means nothing', async () => {
    const png = await redAndBlue().png().toBuffer()
    expect(await failureOf(png, { from: 'markdown' })).toBe(
      'from=markdown says that the source is text, but its bytes are a PNG image',
    )
    expect(await failureOf(png, { from: 'jpg' })).toBe(
      'from=jpg does not agree with the bytes of the source: they are a PNG image',
    )
    expect(await failureOf('words', { from: 'pdf' })).toMatch(/they are a Markdown text/)
    expect(await failureOf('words', { from: 'docs' })).toMatch(
      /^from="docs" is not known: it is csv, json or markdown, or png/,
    )
    expect(await failureOf('{}', { from: 'csv', to: 'csv' })).toMatch(
      /^cannot convert a CSV table to csv: CSV tables become json/,
    )
  })
})
