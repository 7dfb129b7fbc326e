import { execFileSync, spawnSync } from 'node:child_process'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { candidatesFor } from '../../src/completion/candidates.js'
import { createProgram } from '../../src/program/program.js'
import { Sandbox } from '../sandbox.js'

let sandbox: Sandbox
beforeAll(async () => {
  sandbox = await Sandbox.make()
  await sandbox.write('a-file.txt', 'hello')
  await sandbox.makeProgram()
})
afterAll(() => sandbox[Symbol.asyncDispose]())

const candidates = async (...words: string[]) => {
  const { stdout } = await sandbox.run(['complete-words', '--', ...words])
  return String(stdout)
    .split('\n')
    .filter(line => line !== '')
    .map(line => line.split('\t')[0])
}

describe('the words that are offered', () => {
  test.each<[string[], string[]]>([
    [['upl'], ['upload']],
    [
      ['config', ''],
      ['get', 'set', 'unset', 'list', 'path'],
    ],
    [['config', 'get', 'ser'], ['server']],
    [
      ['completion', ''],
      ['bash', 'zsh', 'fish'],
    ],
    [['help', 'exit'], ['exit-codes']],
    [['upload', '--only'], ['--only-if-cached']],
    [
      ['ops', 'g'],
      ['grep', 'gunzip', 'gzip'],
    ],
    [['upload', '--op', 'gz'], ['gzip']],
    [['upload', '--op=gz'], ['--op=gzip']],
    [['upload', 'x.txt', '--op', 'gzip', '-p', ''], ['level=']],
    [
      ['upload', 'x.png', '--op', 'convert', '-p', 'pag'],
      ['page=', 'pages='],
    ],
    [
      ['upload', 'x.png', '--op', 'convert', '-p', 'to=we'],
      ['to=webp', 'to=webm'],
    ],
    [['upload', 'x.pdf', '--op', 'convert', '--then', 'res'], ['resize']],
    [['upload', 'x.pdf', '--op', 'convert', '-p', 'to=png', '--then', 'resize', '-p', 'wi'], ['width=']],
    [
      ['serve', '--durability', ''],
      ['process', 'disk'],
    ],
    [['serve', '--log-level=w'], ['--log-level=warn']],
    [['upload', '--op', 'gzip', 'a-fi'], []],
    [['--server', 'http://127.0.0.1:1', 'ops', ''], []],
  ])('after %j', async (words, expected) => {
    expect(await candidates(...words)).toEqual(expected)
  })

  test('hidden commands are not among them', async () => {
    expect(await candidates('')).toContain('doctor')
    expect(await candidates('complete-')).toEqual([])
  })
})

test('the values that a parameter may have are offered', async () => {
  const params = { properties: { to: { enum: ['png', 'jpeg'] }, size: { type: 'integer' } } }
  const operation = { name: 'draw', version: '1', summary: 'draws', streaming: false, params }
  const program = createProgram('1.0.0', () => undefined)
  const words = ['upload', 'x', '--op', 'draw', '-p', 'to=p']
  expect(await candidatesFor(program, words, async () => [operation])).toEqual([['to=png', 'png | jpeg']])
})

const shells: [string, string[], (typed: string) => string][] = [
  [
    'bash',
    ['--norc'],
    typed => `
      source <(opcache completion bash)
      # Outside of its editor, bash has no completion to set options of.
      compopt() { :; }
      COMP_LINE='opcache ${typed}'; COMP_POINT=\${#COMP_LINE}; _opcache; printf '%s\\n' "\${COMPREPLY[@]}"`,
  ],
  [
    'fish',
    ['--no-config'],
    typed => `opcache completion fish | source; complete -C 'opcache ${typed}' | string split -f 1 \\t; true`,
  ],
  [
    'zsh',
    ['-f'],
    typed => `
      autoload -Uz compinit; compinit -D -u
      source <(opcache completion zsh)
      (( $+_comps[opcache] )) || exit 3
      # Outside of its editor, zsh has nobody to offer to: what would be offered is printed.
      compdef() { :; }
      _files() { print -l *(N) }
      _describe() { local name=$2; print -l -- \${(P)name%%:*} }
      words=(opcache ${typed.replace(/ $/, " ''")}); CURRENT=\${#words}; _opcache`,
  ],
]

for (const [shell, flags, script] of shells) {
  const isThere = spawnSync(shell, ['--version']).status === 0
  if (!isThere) console.warn(`${shell} is not installed: its completion is not tested.`)
  describe.skipIf(!isThere)(`in ${shell} (where it is installed)`, () => {
    const complete = (typed: string) => {
      const env = { ...sandbox.env, PATH: `${sandbox.path('.')}:${process.env.PATH}`, TERM: 'dumb' }
      const output = execFileSync(shell, [...flags, '-c', script(typed)], { cwd: sandbox.path('.'), env })
      return String(output)
        .split('\n')
        .map(line => line.trim())
        .filter(line => line !== '')
        .sort()
    }

    test('commands, operations and parameters are completed', () => {
      expect(complete('upl')).toEqual(['upload'])
      expect(complete('upload --op gz')).toEqual(['gzip'])
      expect(complete('upload --op gzip -p ')).toEqual(['level='])
      expect(complete('upload --op=gz')).toEqual([shell === 'bash' ? 'gzip' : '--op=gzip'])
    })

    test.skipIf(shell === 'bash')('files are offered where nothing else is', () => {
      expect(complete('upload --op gzip ')).toContain('a-file.txt')
    })

    test.runIf(shell === 'bash')('files are left to bash itself', () => {
      expect(complete('upload --op gzip a-fi')).toEqual([])
      const spec = execFileSync('bash', ['--norc', '-c', `${script('x')}; complete -p opcache`], {
        env: { ...sandbox.env, PATH: `${sandbox.path('.')}:${process.env.PATH}` },
      })
      expect(String(spec)).toContain('-o default')
    })
  })
}
