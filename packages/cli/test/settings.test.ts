import { describe, expect, test } from 'vitest'
import { parseConfigKey } from '../src/settings/config-keys.js'
import { resolveSettings } from '../src/settings/settings.js'

const folders = { cache: '/default/cache' }

describe('settings', () => {
  test('a flag goes before the environment, which goes before the configuration, which goes before the default', () => {
    const config = { server: 'http://config', 'reconnect-timeout': 3 }
    const env = { OPCACHE_SERVER: 'http://env', OPCACHE_RECONNECT_TIMEOUT: '2' }
    const all = resolveSettings({ server: 'http://flag', reconnectTimeout: 1 }, env, config, folders)
    expect(all).toMatchObject({ server: 'http://flag', reconnectTimeoutMs: 1000 })
    expect(resolveSettings({}, env, config, folders)).toMatchObject({
      server: 'http://env',
      reconnectTimeoutMs: 2000,
    })
    expect(resolveSettings({}, {}, config, folders)).toMatchObject({
      server: 'http://config',
      reconnectTimeoutMs: 3000,
    })
    expect(resolveSettings({}, {}, {}, folders)).toMatchObject({
      server: undefined,
      token: undefined,
      cacheDir: '/default/cache',
      reconnectTimeoutMs: 120_000,
    })
  })

  test('an empty variable counts as not set', () => {
    const env = { OPCACHE_SERVER: '', OPCACHE_TOKEN: '', OPCACHE_TOKEN_FILE: '', OPCACHE_CACHE_DIR: '' }
    const settings = resolveSettings({}, env, { server: 'http://config' }, folders)
    expect(settings).toMatchObject({ server: 'http://config', token: undefined, cacheDir: '/default/cache' })
  })

  test('the token comes from a variable or a file, the nearest one first', () => {
    const env = { OPCACHE_TOKEN: 'abc', OPCACHE_TOKEN_FILE: '/env' }
    const config = { 'token-file': '/config' }
    const token = (...of: [object, object, object]) =>
      resolveSettings(of[0], of[1] as never, of[2], folders).token
    expect(token({ tokenFile: '/flag' }, env, config)).toEqual({ kind: 'file', path: '/flag' })
    expect(token({}, env, config)).toMatchObject({ kind: 'value', token: 'abc' })
    expect(token({}, { OPCACHE_TOKEN_FILE: '/env' }, config)).toEqual({ kind: 'file', path: '/env' })
    expect(token({}, {}, config)).toEqual({ kind: 'file', path: '/config' })
  })

  test('a duration that is none is refused by name', () => {
    const env = { OPCACHE_RECONNECT_TIMEOUT: 'soon' }
    expect(() => resolveSettings({}, env, {}, folders)).toThrow(/OPCACHE_RECONNECT_TIMEOUT/)
  })

  test('an unknown key of the configuration is refused with what was probably meant', () => {
    expect(parseConfigKey('server')).toBe('server')
    expect(() => parseConfigKey('sevrer')).toThrow('There is no configuration key "sevrer"')
    try {
      parseConfigKey('sevrer')
    } catch (error) {
      expect((error as { advice: string }).advice).toContain('Did you mean "server"?')
    }
  })
})
