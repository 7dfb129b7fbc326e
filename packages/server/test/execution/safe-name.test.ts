import fc from 'fast-check'
import { expect, test } from 'vitest'
import { safeName } from '../../src/execution/safe-name.js'

test('a name becomes one that is safe on any system', () => {
  expect(safeName('../../etc/passwd')).toBe('passwd')
  expect(safeName('C:\\files\\report.pdf')).toBe('report.pdf')
  expect(safeName('.hidden')).toBe('hidden')
  expect(safeName('CON')).toBe('result-CON')
  expect(safeName('lpt1.txt')).toBe('result-lpt1.txt')
  expect(safeName('trailing. . ')).toBe('trailing')
  expect(safeName('')).toBe('result')
  expect(safeName('a\u202egnp.exe')).toBe('a_gnp.exe')
})

test('whatever the name, the safe one is short, well formed, and stays as it is', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 400 }), name => {
      const safe = safeName(name)
      expect(safe).not.toMatch(/[/\\]|^\.|[. ]$/)
      expect(safe.length).toBeGreaterThan(0)
      expect(Buffer.byteLength(safe)).toBeLessThanOrEqual(210)
      expect(safe.isWellFormed()).toBe(true)
      expect(safeName(safe)).toBe(safe)
    }),
  )
})
