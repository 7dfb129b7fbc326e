import { expect, test } from 'vitest'
import { parseServerAddress } from '../../src/transport/server-address.js'

test.for([
  ['http://127.0.0.1:7077', 'http://127.0.0.1:7077'],
  ['http://127.0.0.1:7077/', 'http://127.0.0.1:7077'],
  ['https://example.org/cache/', 'https://example.org/cache'],
  ['http://[::1]:7077', 'http://[::1]:7077'],
])('%s is an address', ([text, base]) => {
  expect(parseServerAddress(text as string)).toEqual({ text, base })
})

test.for(['unix:/run/opcache.sock', 'unix:///run/opcache.sock'])('%s is a socket', text => {
  const socketPath = '/run/opcache.sock'
  expect(parseServerAddress(text)).toEqual({ text, base: 'http://localhost', socketPath })
})

test.for([
  '',
  'localhost:7077',
  'ftp://example.org',
  'http://',
  'unix:relative.sock',
  'http://a?b=c',
  'http://u:p@h',
])('"%s" is none', text => {
  expect(() => parseServerAddress(text)).toThrow(
    expect.objectContaining({ code: 'bad-server-url', url: text }),
  )
})

test('an address with a password is refused without repeating it', () => {
  expect(() => parseServerAddress('http://me:secret@example.org')).toThrow('"http://***@example.org" is not')
})

test('no address at all is none', () => {
  expect(() => parseServerAddress(undefined as never)).toThrow('"undefined" is not the address of a server')
})
