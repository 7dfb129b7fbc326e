import { expect, test } from 'vitest'
import { hasColors } from '../src/output/colors.js'

const terminal = { isTTY: true }
const file = {}

test.each<[string, { isTTY?: boolean }, NodeJS.ProcessEnv, string[], boolean]>([
  ['a terminal has colors', terminal, {}, [], true],
  ['a file has none', file, {}, [], false],
  ['a dumb terminal has none', terminal, { TERM: 'dumb' }, [], false],
  ['NO_COLOR takes them away', terminal, { NO_COLOR: '1' }, [], false],
  ['an empty NO_COLOR does not', terminal, { NO_COLOR: '' }, [], true],
  ['FORCE_COLOR brings them into a file', file, { FORCE_COLOR: '1' }, [], true],
  ['FORCE_COLOR=0 takes them away', terminal, { FORCE_COLOR: '0' }, [], false],
  ['NO_COLOR goes before FORCE_COLOR', file, { NO_COLOR: '1', FORCE_COLOR: '1' }, [], false],
  ['--no-color goes before all', terminal, { FORCE_COLOR: '1' }, ['--no-color'], false],
])('%s', (_what, stream, env, args, expected) => {
  expect(hasColors(stream, env, args)).toBe(expected)
})
