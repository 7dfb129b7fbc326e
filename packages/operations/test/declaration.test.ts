import { execFile } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { Value } from 'typebox/value'
import { describe, expect, test } from 'vitest'
import { conversions } from '../src/convert/conversions.js'
import { convert, operations } from '../src/index.js'

test('convert is declared as an isolated operation', () => {
  expect(operations[0]).toBe(convert)
  expect(convert).toMatchObject({ name: 'convert', version: '2', streaming: false })
  expect(convert).not.toHaveProperty('run')
})

describe('its parameters', () => {
  test('each have a description, and no default that would be wrong for some source', () => {
    const { properties } = convert.params as unknown as {
      properties: Record<string, Record<string, unknown>>
    }
    for (const [name, schema] of Object.entries(properties)) {
      expect(schema.description, name).toEqual(expect.any(String))
      expect(schema, name).not.toHaveProperty('default')
    }
  })

  test('are all understood by some conversion', () => {
    const { properties } = convert.params as unknown as { properties: object }
    const understood = new Set(['to', 'from', ...conversions.flatMap(({ params }) => params)])
    expect([...understood].sort()).toEqual(Object.keys(properties).sort())
  })

  test.each([
    {},
    { to: 'jpg', quality: 80 },
    { pages: '1-3,5' },
    { pages: 3 },
    { page: 1, dpi: 300 },
    { delimiter: '\t' },
  ])('%o fit the schema', params => expect(Value.Check(convert.params, params)).toBe(true))

  test.each([
    { quality: 0 },
    { quality: 101 },
    { quality: '80' },
    { page: 0 },
    { page: 1.5 },
    { pages: 0 },
    { pages: '' },
    { dpi: 5 },
    { dpi: 601 },
    { width: 0 },
    { height: 16_384 },
    { to: '' },
    { to: 'docx' },
    { other: 1 },
  ])('%o do not', params => expect(Value.Check(convert.params, params)).toBe(false))
})

test('importing the package does not load what does the work', async () => {
  const source = await readFile(new URL('../src/convert/convert.ts', import.meta.url), 'utf8')
  const declared = await readFile(new URL('../src/convert/params.ts', import.meta.url), 'utf8')
  const imports = [...`${source}\n${declared}`.matchAll(/from '([^']+)'/g)].map(([, name]) => name)
  expect([...new Set(imports)].sort()).toEqual([
    './params.js',
    './targets.js',
    '@opcache/server/operation',
    'node:module',
    'typebox',
  ])
})

test('the built runner is where the declaration says', async () => {
  const { module } = convert as { module: string }
  expect(module).toMatch(/dist\/convert\/run\.js$/)
  const program = `const { default: run } = await import(${JSON.stringify(module)}); console.log(typeof run)`
  const cwd = fileURLToPath(new URL('..', import.meta.url))
  const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '-e', program], {
    cwd,
  })
  expect(stdout.trim()).toBe('function')
})

test('the README names every conversion and every parameter', async () => {
  const readme = await readFile(new URL('../README.md', import.meta.url), 'utf8')
  const rows = readme.split('\n').filter(line => line.startsWith('| '))
  for (const { family, to, params } of conversions) {
    const names = {
      image: 'Image',
      pdf: 'PDF',
      office: 'Office',
      sound: 'Sound',
      video: 'Video',
      csv: 'CSV',
      json: 'JSON',
      markdown: 'Markdown',
    }
    const row = rows.find(line => line.startsWith(`| ${names[family]}`) && line.includes(`\`${to}\``))
    expect(row, `${family} to ${to}`).toBeDefined()
    for (const param of params) expect(row, `${family} to ${to}`).toContain(`\`${param}\``)
  }
})
