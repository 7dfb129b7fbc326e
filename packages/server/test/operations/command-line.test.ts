import fc from 'fast-check'
import { expect, test } from 'vitest'
import { fillCommand, refusedValue } from '../../src/operations/command-line.js'

const command = ['tool', '-x', '{input}', ['--width', '{width}'], '--name={name}', '{label}']

test('every text of a command stays one argument, whatever the values are', () => {
  fc.assert(
    fc.property(fc.string(), fc.string(), (name, label) => {
      const filled = fillCommand(command, { input: '/in put', width: 7, name, label })
      expect(filled).toEqual(['tool', '-x', '/in put', '--width', '7', `--name=${name}`, label])
    }),
  )
})

test('a list is left out whole where a parameter of it was not given', () => {
  const filled = fillCommand(command, { input: 'i', name: 'n', label: 'l' })
  expect(filled).toEqual(['tool', '-x', 'i', '--name=n', 'l'])
})

test('a value that holds a place is not filled in again', () => {
  expect(fillCommand(['{label}'], { label: '{input}', input: '/secret' })).toEqual(['{input}'])
})

test.each([
  [{ label: '-rf' }, /dash/],
  [{ label: 'a\nb' }, /control/],
  [{ label: 'a\0b' }, /control/],
  [{ label: 'x'.repeat(5000) }, /4096/],
  [{ label: ['a'] }, /must be a text/],
  [{ name: null }, /must be a text/],
  [{ label: undefined }, /the parameter "label" is missing/],
])('the parameters %j cannot stand in a command', (params, reason) => {
  expect(refusedValue(command, { name: 'n', label: 'l', ...params })).toMatch(reason)
})

test('a dash is fine where it begins no argument, and so is a number below zero', () => {
  expect(refusedValue(command, { name: '-rf', width: -7, label: 'a-b' })).toBeUndefined()
})
