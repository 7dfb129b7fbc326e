import { Check } from 'typebox/value'
import { describe, expect, it } from 'vitest'
import { ERROR_TABLE, type ErrorCode, isProtocolError, ProtocolError } from '../../src/index.js'
import { Problem } from '../../src/schemas.js'

const codes = Object.keys(ERROR_TABLE) as ErrorCode[]

describe('ProtocolError', () => {
  it.each(codes)('travels as a problem document: %s', code => {
    const error = new ProtocolError(code, 'This went wrong.')
    const problem = error.toProblem()
    expect(Check(Problem, problem)).toBe(true)
    expect(Check(Problem, JSON.parse(JSON.stringify(problem)))).toBe(true)
    expect(problem).toEqual({
      type: 'about:blank',
      title: ERROR_TABLE[code].title,
      status: ERROR_TABLE[code].status,
      code,
      detail: 'This went wrong.',
    })
    expect(error.status).toBe(ERROR_TABLE[code].status)
  })

  it('carries the members of its code', () => {
    const block = new ProtocolError('block-mismatch', 'Block 7 is another.', { members: { block: 7 } })
    expect(block.toProblem()).toMatchObject({ code: 'block-mismatch', block: 7 })
    expect(Check(Problem, block.toProblem())).toBe(true)

    const failed = new ProtocolError('operation-failed', 'No.', { members: { deterministic: true } })
    expect(failed.toProblem()).toMatchObject({ code: 'operation-failed', deterministic: true })
    expect(Check(Problem, failed.toProblem())).toBe(true)
  })

  it('is an error with message, stack and the cause that it was given', () => {
    const cause = new Error('disk')
    const error = new ProtocolError('internal', 'The store failed.', { cause })
    expect(error).toBeInstanceOf(Error)
    expect(error.message).toBe('The store failed.')
    expect(error.stack).toContain('protocol-error.test')
    expect(error.cause).toBe(cause)
    expect('cause' in new ProtocolError('internal', 'No cause.')).toBe(false)
  })

  it('does not tell its cause in the problem document', () => {
    const error = new ProtocolError('internal', 'The store failed.', { cause: new Error('secret path') })
    expect(JSON.stringify(error.toProblem())).not.toContain('secret')
  })
})

describe('isProtocolError', () => {
  it('knows one from another copy of the package by its name', () => {
    const foreign = Object.assign(new Error('x'), { name: 'ProtocolError', code: 'busy' })
    expect(isProtocolError(new ProtocolError('busy', 'x'))).toBe(true)
    expect(isProtocolError(foreign)).toBe(true)
  })

  it.each([
    [new Error('x')],
    [{ name: 'ProtocolError', code: 'busy' }],
    ['ProtocolError'],
    [null],
    [undefined],
  ])('does not take %s for one', other => {
    expect(isProtocolError(other)).toBe(false)
  })
})

describe('Problem', () => {
  const problem = new ProtocolError('busy', 'Come back later.').toProblem()

  it('lets members of later versions pass', () => {
    expect(Check(Problem, { ...problem, more: 1 })).toBe(true)
  })

  it.each([
    ['without a code', { ...problem, code: undefined }],
    ['with a status that is text', { ...problem, status: '503' }],
    ['with a broken status', { ...problem, status: 503.5 }],
    ['with a block that is text', { ...problem, block: '7' }],
    ['that is a text', 'busy'],
    ['that is null', null],
  ])('refuses one %s', (_, other) => {
    expect(Check(Problem, other)).toBe(false)
  })
})
