import { describe, expect, it } from 'vitest'
import { ERROR_TABLE, isErrorCode } from '../../src/index.js'

describe('ERROR_TABLE', () => {
  it('has the statuses and retry rules of the protocol, section 6', () => {
    const rules = Object.fromEntries(
      Object.entries(ERROR_TABLE).map(([code, { status, retry }]) => [code, `${status} ${retry}`]),
    )
    expect(rules).toEqual({
      'bad-request': '400 never',
      unauthenticated: '401 new-token',
      forbidden: '403 never',
      'entry-not-found': '404 never',
      'content-not-found': '404 never',
      'operation-not-found': '404 never',
      'not-found': '404 never',
      'method-not-allowed': '405 never',
      'descriptor-conflict': '409 after-resync',
      'content-mismatch': '409 after-resync',
      'attempt-changed': '409 after-resync',
      'length-required': '411 never',
      'too-large': '413 never',
      'unsupported-encoding': '415 never',
      'range-not-satisfiable': '416 never',
      'expectation-failed': '417 without-expect',
      'key-mismatch': '422 never',
      'manifest-mismatch': '422 never',
      'invalid-params': '422 never',
      'block-mismatch': '422 after-resync',
      'operation-failed': '422 never',
      'rate-limited': '429 later',
      internal: '500 later',
      busy: '503 later',
      'storage-full': '503 later',
    })
  })

  it('says of every error in a few words what it is', () => {
    const titles = Object.values(ERROR_TABLE).map(({ title }) => title)
    for (const title of titles) expect(title).toMatch(/^[A-Z][^.]+$/)
    expect(new Set(titles).size).toBe(titles.length)
  })
})

describe('isErrorCode', () => {
  it('knows the codes of the table', () => {
    for (const code of Object.keys(ERROR_TABLE)) expect(isErrorCode(code)).toBe(true)
  })

  it.each([
    ['unheard-of'],
    [''],
    ['toString'],
    ['__proto__'],
    ['Busy'],
    [404],
    [undefined],
    [null],
    [['busy']],
  ])('does not know %j', other => {
    expect(isErrorCode(other)).toBe(false)
  })
})
