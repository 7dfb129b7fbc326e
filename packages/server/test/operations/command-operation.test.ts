import { PATHS } from '@opcache/protocol'
import Type from 'typebox'
import { expect, test } from 'vitest'
import { type CommandDeclaration, type CommandPart, commandOperation } from '../../src/index.js'
import { contentOf, descriptorOf, keyOf } from '../support/content.js'
import { sleepers, uniqueSeconds } from '../support/sleepers.js'
import { TestServer } from '../support/test-server.js'
import { until } from '../support/until.js'

const params = Type.Object(
  { width: Type.Optional(Type.Integer()), label: Type.Optional(Type.String()) },
  { additionalProperties: false },
)

const command = (name: string, rest: Partial<CommandDeclaration> & Pick<CommandDeclaration, 'command'>) =>
  commandOperation({ name, version: '1', summary: 'A tool', params, output: { name: 'result.txt' }, ...rest })

/** A script of these tests, not of a user: what comes from users stands behind it, as arguments. */
const script = (text: string, ...rest: CommandPart[]): CommandPart[] => ['sh', '-c', text, 'sh', ...rest]

/** How long the processes of each sleep, by which they are told from those of others. */
const [leaving, family, slow, crowd, orphans] = Array.from({ length: 5 }, uniqueSeconds) as [
  number,
  number,
  number,
  number,
  number,
]

const operations = [
  command('print', {
    command: script('out=$1; shift; printf "%s," "$@" > "$out"', '{output}', '{label}', ['-w', '{width}']),
  }),
  command('upper', { command: ['tr', 'a-z', 'A-Z'] }),
  command('own-name', {
    command: ['cp', '{input}', '{folder}/made'],
    output: { file: 'made', type: 'text/plain' },
  }),
  command('environment', { command: ['env'] }),
  command('descriptors', { command: ['ls', '-l', '/proc/self/fd'] }),
  command('nothing', { command: script('cat > /dev/null; echo nothing to say >&2') }),
  command('strict', { command: ['sed', '-n', '/never/p'], streaming: true }),
  command('folder', {
    command: script(
      'printf %s `pwd | cut -c 1-20` >&2; sleep 0.1; pwd | cut -c 21- >&2; echo $1 >&2; exit 3',
      '{input}',
    ),
  }),
  command('spoil', { command: script('echo spoilt > "$1"; cat "$1"', '{input}') }),
  command('refuse', { command: script('echo the source is no good >&2; exit 3') }),
  command('forget', { command: script('echo nothing to do >&2', '{input}', '{output}') }),
  command('crash', { command: script('kill -SEGV $$') }),
  command('crash-in-shell', { command: script("sh -c 'kill -ABRT $$'; exit $?") }),
  command('flood', { command: ['cat', '/dev/zero'], limits: { outputBytes: 100_000 } }),
  command('large-file', {
    command: ['dd', 'if=/dev/zero', 'of={output}', 'bs=1000', 'count=200'],
    limits: { outputBytes: 100_000 },
  }),
  command('crowd', {
    command: script(`for i in 1 2 3 4 5 6 7 8 9; do sleep ${crowd} & done; wait`),
    limits: { processes: 4 },
  }),
  command('orphans', {
    command: script(`for i in 1 2 3 4 5 6 7 8 9; do (sleep ${orphans} &); done; sleep ${orphans}`),
    limits: { processes: 4 },
  }),
  command('slow', { command: ['sleep', String(slow)], limits: { timeoutMs: 300 } }),
  command('killed', { command: script('kill -KILL $$') }),
  command('absent', { command: ['no-such-tool-anywhere', '{input}'] }),
  command('through-shell', {
    command: script('sh -c \'cat /dev/zero > "$1"\' sh "$1"; exit $?', '{output}'),
    limits: { outputBytes: 100_000 },
  }),
  command('link', { command: ['ln', '-s', '/etc/passwd', '{output}'] }),
  command('binary', { command: script('printf "a\\033[31m\\377\\000b" >&2; exit 3') }),
  command('flood-log', { command: script('head -c 20000000 /dev/zero >&2; echo the end >&2; exit 3') }),
  command('leave', { command: script(`setsid sleep ${leaving} > /dev/null 2>&1 & echo well`) }),
  command('family', {
    command: script(`setsid sleep ${family} & sleep ${family} & echo started >&2; sleep ${family}`),
  }),
]
const start = () => TestServer.start('embedded', { operations, limits: { retryDelayMs: 1 } })
const run = (server: TestServer, name: string, query = '') =>
  server.send(`${PATHS.run(name)}${query}`, { method: 'POST', body: 'some text' })

test('what users write never becomes more than one argument', async () => {
  const server = await start()
  const answer = await run(server, 'print', `?width=7&label=${encodeURIComponent('$(id); "x" `y` {output}')}`)
  expect(answer.text).toBe('$(id); "x" `y` {output},-w,7,')
  expect(answer.headers['content-disposition']).toContain('result.txt')
  const refused = await run(server, 'print', '?label=--help')
  expect([refused.status, refused.json.code]).toEqual([422, 'invalid-params'])
})

test('the source comes on stdin and the result from stdout where the command names no files', async () => {
  expect((await run(await start(), 'upper')).text).toBe('SOME TEXT')
})

test('a tool that names its output by itself is asked for it in its folder', async () => {
  const answer = await run(await start(), 'own-name')
  expect([answer.text, answer.headers['content-type']]).toEqual(['some text', 'text/plain'])
})

test('a tool sees nothing of the environment of the server', async () => {
  process.env.OPCACHE_TEST_SECRET = 'not for tools'
  try {
    const names = (await run(await start(), 'environment')).text.split('\n').map(line => line.split('=')[0])
    expect(names.filter(Boolean).sort()).toEqual(['HOME', 'LANG', 'OPCACHE_ATTEMPT', 'PATH', 'TMPDIR'])
  } finally {
    delete process.env.OPCACHE_TEST_SECRET
  }
})

test.skipIf(process.platform !== 'linux')('a tool gets no file that the server has open', async () => {
  const listed = (await run(await start(), 'descriptors')).text
  const files = [...listed.matchAll(/ -> (\/.*)$/gm)].map(([, path]) => path)
  expect(files).toEqual([expect.stringMatching(/^\/proc\/\d+\/fd$/)])
})

test('a filter that lets nothing through has an empty result', async () => {
  const answer = await run(await start(), 'strict')
  expect([answer.status, answer.text]).toEqual([200, ''])
})

test('a tool that writes into its input does not reach the stored source', async () => {
  const server = await start()
  expect((await run(server, 'spoil')).text).toBe('spoilt\n')
  expect((await run(server, 'copy')).text).toBe('some text')
})

test.each([
  ['refuse', /exit status 3: the source is no good/],
  ['forget', /wrote no output: nothing to do/],
  ['nothing', /^sh ended well, but wrote no output: nothing to say$/],
  ['folder', /^sh ended with exit status 3: \.\s+\.\/input$/],
  ['crash', /crashed \(SIGSEGV\)/],
  ['crash-in-shell', /crashed \(SIGABRT\)/],
  ['flood', /larger than the 100000 bytes/],
  ['large-file', /wrote more than 100000 bytes|exit status/],
  ['crowd', /more than the 4 processes/],
  ['orphans', /more than the 4 processes/],
  ['through-shell', /wrote more than 100000 bytes/],
  ['link', /wrote no output/],
  ['binary', /exit status 3: a\ufffd\[31m\ufffdb$/],
  ['flood-log', /the end$/],
  ['slow', /longer than the 0.3 s/],
])('a tool that does "%s" fails for good, once', async (name, detail) => {
  const server = await start()
  const failed = await run(server, name)
  expect([failed.status, failed.json.deterministic]).toEqual([422, true])
  expect(failed.json.detail).toMatch(detail)
  await run(server, name)
  expect(server.runs(name)).toBe(1)
  expect([slow, crowd, orphans].map(sleepers)).toEqual([0, 0, 0])
})

test('a tool that was killed is run again on its own, a few times', async () => {
  const server = await start()
  const failed = await run(server, 'killed')
  expect([failed.json.deterministic, server.runs('killed')]).toEqual([false, 3])
  expect(failed.json.detail).toMatch(/killed by SIGKILL/)
})

test('a tool that is not installed is named, in the capabilities and before an upload', async () => {
  const server = await start()
  const { operations: offered } = (await server.send(PATHS.capabilities)).json
  const missing = offered.filter((each: { missing?: string }) => each.missing)
  expect(missing).toMatchObject([{ name: 'absent', missing: 'no-such-tool-anywhere' }])
  const content = contentOf('never sent')
  const refused = await server.open(descriptorOf(content, 'absent'))
  expect([refused.status, refused.json.code]).toEqual([404, 'operation-not-found'])
  expect(refused.json.detail).toContain('no-such-tool-anywhere')
})

test('what a tool leaves running ends with its attempt, also when that went well', async () => {
  const server = await start()
  expect((await run(server, 'leave')).text).toBe('well\n')
  expect(sleepers(leaving)).toBe(0)
})

test('a deleted entry takes all processes of its tool with it, those in sessions of their own too', async () => {
  const server = await start()
  const content = contentOf('for the family')
  const descriptor = descriptorOf(content, 'family')
  await server.upload(content)
  await server.open(descriptor)
  await until(() => sleepers(family) === 3)
  await server.send(PATHS.entry(keyOf(descriptor)), { method: 'DELETE' })
  await until(() => sleepers(family) === 0)
})

test('what a tool prints is the log of its entry, also after it failed', async () => {
  const server = await start()
  const content = contentOf('logged')
  const descriptor = descriptorOf(content, 'refuse')
  await server.upload(content)
  await server.open(descriptor)
  await until(async () => (await server.entry(descriptor)).json.state === 'FAILED')
  expect((await server.entry(descriptor)).json.log).toBe('the source is no good\n')
  expect((await server.send(PATHS.entries)).json.entries[0].log).toBeUndefined()
})
