import { chmod, mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { importConfig } from '../../src/config/import-config.js'
import { loadConfig } from '../../src/index.js'
import { TestServer, temporaryFolder } from '../support/test-server.js'

const SHOUT = `{
  name: 'shout', version: '1', summary: 'Makes a text loud', streaming: false,
  params: { type: 'object', properties: {}, additionalProperties: false },
  run: async ({ input, output, log }) => {
    log('in process ' + process.pid)
    for await (const chunk of input.stream()) output.write(String(chunk).toUpperCase())
  },
}`

const TOOL = `{
  name: 'tool', version: '1', summary: 'A tool', streaming: false, params: { type: 'object' }, command: ['true'],
}`

async function folderWith(text: string): Promise<string> {
  const folder = await temporaryFolder()
  await writeFile(join(folder, 'opcache.config.mjs'), text)
  return folder
}

test.each([
  `export default { operations: [${SHOUT}] }`,
  `export default Promise.resolve({ operations: [${SHOUT}] })`,
])('the functions of a configuration file run in processes of their own', async text => {
  const folder = await folderWith(text)
  const server = await TestServer.start('embedded', await loadConfig(folder))
  const answer = await server.run('shout', 'quiet')
  expect(answer.text).toBe('QUIET')
  const { log } = (await server.send(`/v1/entries/${answer.headers['opcache-key']}`)).json
  expect(log).toMatch(/^in process \d+\n$/)
  expect(log).not.toContain(`${process.pid}`)
})

test.each(['"./loud.mjs"', 'import.meta.resolve("./loud.mjs")'])(
  'the module %s of an operation is found beside its file',
  async module => {
    const operation = `{ ...${SHOUT}, run: undefined, module: ${module} }`
    const folder = await folderWith(`export default { operations: [${operation}] }`)
    await writeFile(join(folder, 'loud.mjs'), `export default (${SHOUT}).run`)
    const server = await TestServer.start('embedded', await loadConfig(folder))
    expect((await server.run('shout', 'quiet')).text).toBe('QUIET')
  },
)

test('the tool of a command that is a path is found beside its file', async () => {
  const operation = `{ ...${TOOL}, command: ['./bin/mend.sh', '{input}'], output: {} }`
  const folder = await folderWith(`export default { operations: [${operation}] }`)
  await mkdir(join(folder, 'bin'))
  await writeFile(join(folder, 'bin/mend.sh'), '#!/bin/sh\nprintf "mended "; cat "$1"', { mode: 0o755 })
  const server = await TestServer.start('embedded', await loadConfig(folder))
  expect((await server.run('tool', 'text')).text).toBe('mended text')
})

test('a folder without a configuration file has the default one', async () => {
  const folder = await temporaryFolder()
  expect(await loadConfig(folder)).toEqual({})
  await expect(loadConfig(folder, 'other.mjs')).rejects.toThrow(/no configuration file .*other\.mjs/)
})

const refusals: [text: string, reason: RegExp][] = [
  ['throw new Error("not today")', /line 1.*Error: not today/],
  ['export default (async () => { throw new Error("not today") })()', /line 1.*Error: not today/],
  ['throw "a text"', /failed: a text/],
  ['throw undefined', /failed: undefined/],
  ['export default Promise.reject(null)', /failed: null/],
  ['export default {', /opcache.config.mjs failed/],
  ['import "./nowhere.mjs"', /nowhere/],
  ['export const operations = []', /no object/],
  ['export default []', /no object/],
  ['export default { operation: [] }', /"operation" \(did you mean "operations"\?\)/],
  ['export default { operations: {} }', /no list/],
  ['export default { concurrency: 0 }', /whole number/],
  ['export default { limits: null }', /"limits" is no object/],
  ['export default { limits: [] }', /"limits" is no object/],
  ['export default { limits: { maxResultBytes: NaN } }', /"maxResultBytes" is no number/],
  ['export default () => ({})', /no object/],
  ['export default { operations: null }', /no list/],
  ['export default { concurrency: "2" }', /whole number/],
  [`export default { operations: [{ ...${SHOUT}, summary: '' }] }`, /"summary" is a text/],
  [`export default { operations: [{ ...${SHOUT}, streaming: 'yes' }] }`, /"streaming" is true or false/],
  [`export default { operations: [{ ...${SHOUT}, limits: { timeoutMs: '5' } }] }`, /"timeoutMs" is a number/],
  [`export default { operations: [{ ...${SHOUT}, run: undefined, module: 5 }] }`, /"module" is the path/],
  [`export default { operations: [{ ...${TOOL} }] }`, /"output" says what/],
  [
    `export default { operations: [{ ...${TOOL}, command: [''], output: {} }] }`,
    /"command" is a list of texts/,
  ],
  [
    `export default { operations: [{ ...${TOOL}, command: 'true', output: {} }] }`,
    /"command" is a list of texts/,
  ],
  [`export default { operations: [{ ...${TOOL}, output: { file: '.' } }] }`, /"output.file" is the name/],
  [`export default { operations: [{ ...${TOOL}, output: { file: '' } }] }`, /"output.file" is the name/],
  [`export default { operations: [${SHOUT}, ${SHOUT}] }`, /operations\[1\] \("shout"\): another/],
  [
    `export default { operations: [{ ...${SHOUT}, timeout: 5 }] }`,
    /"shout" has "timeout", which says nothing/,
  ],
  [
    `export default { operations: [{ ...${SHOUT}, params: { type: 'object', properties: { a: { type: 'text' } } } }] }`,
    /operations\[0\] \("shout"\): "params" is no JSON Schema.*properties\/a\/type/,
  ],
  [`export default { operations: [{ ...${SHOUT}, run: undefined, module: './no.mjs' }] }`, /no .*\/no\.mjs/],
  [
    `export default { operations: [{ ...${TOOL}, output: { type: 'text' } }] }`,
    /"output.type" is a media type/,
  ],
  [`export default { operations: [{ ...${TOOL}, output: { file: '../x' } }] }`, /"output.file" is the name/],
  [
    `export default { operations: [{ ...${TOOL}, output: { nmae: 'x' } }] }`,
    /"nmae" \(did you mean "name"\?\)/,
  ],
  ['export default { limits: { retryDelay: 1 } }', /"retryDelay" \(did you mean "retryDelayMs"\?\)/],
  ['export default { operations: [1] }', /operations\[0\] is 1/],
  [`export default { operations: [{ ...${SHOUT}, name: 'No' }] }`, /"name" is lower-case/],
  [`export default { operations: [{ ...${SHOUT}, version: 1 }] }`, /operations\[0\] \("shout"\): "version"/],
  [`export default { operations: [{ ...${SHOUT}, run: 'x' }] }`, /"run" is a function/],
  [`export default { operations: [{ ...${SHOUT}, run: undefined }] }`, /one of "run"/],
  [`export default { operations: [{ ...${SHOUT}, tools: 'sh' }] }`, /"tools" is a list/],
  [`export default { operations: [{ ...${SHOUT}, params: {} }] }`, /JSON Schema of an object/],
  [`export default { operations: [{ ...${SHOUT}, limits: { timeout: 1 } }] }`, /no limit "timeout"/],
  [
    `export default { operations: [{ ...${SHOUT}, run: undefined, command: ['x', '{wdth}'], output: {} }] }`,
    /"wdth", which is no parameter/,
  ],
]
test.each(refusals.map(([text, reason]) => ({ reason, text })))(
  'a configuration is refused with $reason, and with its path',
  async ({ text, reason }) => {
    const folder = await folderWith(text)
    const refused = expect(loadConfig(folder)).rejects
    await refused.toThrow(reason)
    await expect(loadConfig(folder)).rejects.toMatchObject({
      name: 'ConfigError',
      message: expect.stringContaining(join(folder, 'opcache.config.mjs')),
    })
  },
)

test.each(['await new Promise(() => setInterval(() => {}, 1000))', 'export default new Promise(() => {})'])(
  'a file that never comes to its end keeps a server from starting, and is told: %s',
  async text => {
    const path = join(await folderWith(text), 'opcache.config.mjs')
    await expect(importConfig(path, 300)).rejects.toThrow(`${path} was not loaded in 0.3 s`)
  },
)

test('what anybody may write to is not run without being named', async () => {
  const folder = await folderWith('export default {}')
  const path = join(folder, 'opcache.config.mjs')
  await chmod(path, 0o666)
  await expect(loadConfig(folder)).rejects.toThrow(/can be written by anybody/)
  expect(await loadConfig(folder, path)).toMatchObject({ operations: [] })
})
