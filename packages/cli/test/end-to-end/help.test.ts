import { execFileSync, spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { DEFINITIONS } from '../../src/definitions/index.js'
import { TOPICS } from '../../src/help/topics.js'
import { Sandbox } from '../sandbox.js'

const MANUAL = fileURLToPath(new URL('../../dist/opcache.1', import.meta.url))
const hasMan = spawnSync('man', ['--version']).status === 0
/** Commands with those below them, as they are typed. */
const COMMANDS = DEFINITIONS.filter(({ isHidden }) => !isHidden).flatMap(({ name, subcommands = [] }) => [
  name,
  ...subcommands.map(below => `${name} ${below.name}`),
])
const visible = DEFINITIONS.filter(({ isHidden }) => !isHidden)

let sandbox: Sandbox
beforeAll(async () => {
  sandbox = await Sandbox.make()
})
afterAll(() => sandbox[Symbol.asyncDispose]())

const out = async (...args: string[]) => String((await sandbox.run(args)).stdout)

describe('help', () => {
  test('of the program', async () => {
    expect(await out('--help')).toMatchSnapshot()
  })

  test('that nobody asked for is short, and on stderr', async () => {
    const { status, stdout, stderr } = await sandbox.run([])
    expect({ status, stdout: String(stdout) }).toEqual({ status: 2, stdout: '' })
    expect(stderr).toMatchSnapshot()
  })

  test.each(COMMANDS)('of %s shows an example first', async name => {
    const text = await out('help', ...name.split(' '))
    expect(text).toMatch(new RegExp(`^Examples:\n {2}.*opcache ${name}`))
    expect(text).toBe(await out(...name.split(' '), '--help'))
    expect(text).toMatchSnapshot()
  })

  test.each(Object.keys(TOPICS))('about %s fits a screen of 80 columns', async topic => {
    const text = await out('help', topic)
    expect(Math.max(...text.split('\n').map(({ length }) => length))).toBeLessThanOrEqual(80)
    expect(text).toMatchSnapshot()
  })

  test('about what is not there suggests what was probably meant', async () => {
    const ended = await sandbox.run(['help', 'exit-code'])
    expect(ended).toMatchObject({ status: 2, stderr: expect.stringContaining('Did you mean "exit-codes"?') })
  })
})

describe.skipIf(!hasMan)('the manual page (needs man)', () => {
  test('is rendered without a warning, with every command, option and topic', async () => {
    const warned = spawnSync('man', ['--warnings=all', '-l', MANUAL], {
      env: { ...process.env, MANWIDTH: '80' },
    })
    expect(String(warned.stderr)).toBe('')
    const page = execFileSync('man', ['-l', MANUAL], {
      env: { ...process.env, MANWIDTH: '200', MAN_KEEP_FORMATTING: '', LC_ALL: 'C.UTF-8' },
    }).toString()
    for (const { name } of visible) expect(page).toContain(`opcache ${name}`)
    for (const { title } of Object.values(TOPICS)) expect(page).toContain(title.toUpperCase())
    for (const option of ['--only-if-cached', '--json-stream', '--show-origin'])
      expect(page).toContain(option)
    expect(await out('manual')).toContain('.TH OPCACHE 1')
  })
})
if (!hasMan) console.warn('man is not installed: the manual page is not rendered.')
