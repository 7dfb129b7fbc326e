import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { parseSettingName, SETTING_NAMES, SETTINGS } from '../src/settings/setting-table.js'
import { resolveSettings } from '../src/settings/settings.js'
import { readSettingsFiles, type SettingsFile } from '../src/settings/settings-file.js'
import { tokenSource } from '../src/settings/token.js'
import { foreignVariables } from '../src/settings/variables.js'

const folders = { cache: '/default/cache', tokens: '/none', identities: '/none' }
const project = (values: SettingsFile['values']): SettingsFile => ({
  path: '/p/.opcacherc.json',
  isProject: true,
  values,
})
const user = (values: SettingsFile['values']): SettingsFile => ({
  path: '/u/config.json',
  isProject: false,
  values,
})

describe('settings', () => {
  test('a flag goes before the environment, the project, the user and the default', () => {
    const files = [
      project({ server: 'http://project', 'reconnect-timeout': 3 }),
      user({ server: 'http://user', 'reconnect-timeout': 4 }),
    ]
    const env = { OPCACHE_SERVER: 'http://env', OPCACHE_RECONNECT_TIMEOUT: '2' }
    const flags = { server: 'http://flag', reconnectTimeout: 1 }
    const steps = [
      resolveSettings(flags, env, files, folders),
      resolveSettings({}, env, files, folders),
      resolveSettings({}, {}, files, folders),
      resolveSettings({}, {}, files.slice(1), folders),
      resolveSettings({}, {}, [], folders),
    ]
    expect(steps.map(({ server, reconnectTimeoutMs }) => [server, reconnectTimeoutMs])).toEqual([
      ['http://flag', 1000],
      ['http://env', 2000],
      ['http://project', 3000],
      ['http://user', 4000],
      [undefined, 600_000],
    ])
    expect(steps[4]).toMatchObject({ token: undefined, cacheDir: '/default/cache', limitRate: undefined })
  })

  test('every setting has one variable, and it counts', () => {
    const texts = {
      server: 'http://x',
      'cache-max-size': '9G',
      'reconnect-timeout': '7',
      'limit-rate': '2M',
      connections: '4',
    } as Record<string, string>
    for (const name of SETTING_NAMES) {
      const { variable } = SETTINGS[name]
      const { resolved } = resolveSettings({}, { [variable]: texts[name] ?? '/abc' }, [], folders)
      expect(resolved[name]?.origin, name).toEqual({ kind: 'variable', name: variable })
    }
    expect(resolveSettings({}, { OPCACHE_LIMIT_RATE: '2M' }, [], folders).limitRate).toBe(2_000_000)
  })

  test('an empty variable counts as not set', () => {
    const env = { OPCACHE_SERVER: '', OPCACHE_TOKEN: '', OPCACHE_TOKEN_FILE: '', OPCACHE_CACHE_DIR: '' }
    const settings = resolveSettings({}, env, [user({ server: 'http://config' })], folders)
    expect(settings).toMatchObject({ server: 'http://config', token: undefined, cacheDir: '/default/cache' })
  })

  test('a path in a file starts where the file is', () => {
    const { cacheDir } = resolveSettings({}, {}, [project({ 'cache-dir': '.cache/opcache' })], folders)
    expect(cacheDir).toBe('/p/.cache/opcache')
  })

  test('a duration or a rate that is none is refused by name', () => {
    const resolve = (env: NodeJS.ProcessEnv) => () => resolveSettings({}, env, [], folders)
    expect(resolve({ OPCACHE_RECONNECT_TIMEOUT: 'soon' })).toThrow(/OPCACHE_RECONNECT_TIMEOUT/)
    expect(resolve({ OPCACHE_LIMIT_RATE: 'fast' })).toThrow(/OPCACHE_LIMIT_RATE/)
    for (const text of ['0', '257', '1.5', 'many']) {
      expect(resolve({ OPCACHE_CONNECTIONS: text })).toThrow(/OPCACHE_CONNECTIONS is a whole number/)
    }
  })

  test('a variable that was probably meant to be one of ours is refused, another program may have its own', () => {
    const resolve = (env: NodeJS.ProcessEnv) => () => resolveSettings({}, env, [], folders)
    for (const [typed, meant] of [
      ['OPCACHE_SERVR', 'OPCACHE_SERVER'],
      ['OPCACHE_TOKENFILE', 'OPCACHE_TOKEN_FILE'],
      ['OPCACHE_RECONNECT', 'OPCACHE_RECONNECT_TIMEOUT'],
    ] as const) {
      expect(resolve({ [typed]: '1' })).toThrow(`There is no environment variable ${typed}.`)
      expect(adviceOf(resolve({ [typed]: '1' }))).toContain(`Did you mean ${meant}?`)
      expect(resolve({ [typed]: '' })).not.toThrow()
    }
    const others = { OPCACHE_ENABLE: '1', OPCACHE_MEMORY_CONSUMPTION: '128', OPCACHE_VERSION: '1.2.3' }
    expect(resolve(others)).not.toThrow()
    expect(foreignVariables({ ...others, OPCACHE_TOKEN: 'x', OPCACHE_SERVER: 'x' })).toEqual(
      Object.keys(others),
    )
  })

  test('an unknown key is refused with what was probably meant, and a token never is a setting', () => {
    expect(parseSettingName('server')).toBe('server')
    expect(() => parseSettingName('sevrer')).toThrow('There is no configuration key "sevrer"')
    expect(adviceOf(() => parseSettingName('sevrer'))).toContain('Did you mean "server"?')
    expect(adviceOf(() => parseSettingName('token'))).toContain('opcache login')
  })
})

describe('the token', () => {
  const env = { OPCACHE_TOKEN: 'abc', OPCACHE_TOKEN_FILE: '/env' }
  const files = [user({ server: 'http://x', 'token-file': '/user' })]
  const token = (
    flags: object,
    variables: NodeJS.ProcessEnv,
    stored?: string,
    of: readonly SettingsFile[] = files,
  ) => tokenSource(resolveSettings(flags, variables, of, folders).resolved, variables, stored)

  test('comes from the flag, the environment, the login to this server, the user file, in this order', () => {
    expect(token({ tokenFile: '/flag' }, env, '/stored')).toMatchObject({ kind: 'file', path: '/flag' })
    expect(token({}, env, '/stored')).toMatchObject({ kind: 'value', token: 'abc' })
    expect(token({}, { OPCACHE_TOKEN_FILE: '/env' }, '/stored')).toMatchObject({ path: '/env' })
    expect(token({}, {}, '/stored')).toMatchObject({ kind: 'stored', path: '/stored' })
    expect(token({}, {})).toMatchObject({ kind: 'file', path: '/user' })
  })

  test('of the user file is not sent to a server that a project named', () => {
    const both = [project({ server: 'http://other' }), user({ 'token-file': '/user' })]
    expect(token({}, {}, undefined, both)).toBeUndefined()
    expect(token({}, {}, '/stored', both)).toMatchObject({ kind: 'stored' })
    expect(token({ server: 'http://mine' }, {}, undefined, both)).toMatchObject({ path: '/user' })
  })
})

describe('files of settings', () => {
  let folder: string
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'opcache-settings-'))
    await mkdir(join(folder, 'a/b'), { recursive: true })
  })
  afterAll(() => rm(folder, { recursive: true }))

  const read = async (text: string) => {
    await writeFile(join(folder, '.opcacherc.json'), text)
    return readSettingsFiles(join(folder, 'none.json'), join(folder, 'a/b'))
  }

  test("a project's file is found upwards", async () => {
    const path = join(folder, '.opcacherc.json')
    expect(await read('{"server":"http://x"}')).toEqual([
      { path, isProject: true, values: { server: 'http://x' } },
    ])
  })

  test.each([
    ['a key that does not exist', '{"sevrer":"x"}', 'Did you mean "server"?'],
    ['a key that could reach for secrets', '{"token-file":"/etc/secret"}', 'opcache config set token-file'],
    ['a value of another kind', '{"server":["x"]}', 'Mend it'],
    ['a value that is none', '{"limit-rate":"fast"}', '500k'],
    ['what is no JSON', '{', 'Mend it'],
    ['what is no object', '[]', 'Mend it'],
  ])('%s is refused by path and name', async (_what, text, advice) => {
    const error = await read(text).catch(thrown => thrown)
    expect(error.message).toContain('.opcacherc.json')
    expect(error.advice).toContain(advice)
  })
})

function adviceOf(call: () => unknown): string {
  try {
    call()
  } catch (error) {
    return (error as { advice: string }).advice
  }
  throw new Error('Nothing was refused.')
}
