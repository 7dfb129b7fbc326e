import { isOperationError } from '@opcache/server'
import { expect } from 'vitest'
import type { ConvertParams } from '../src/convert/params.js'
import { convertBytes } from './converting.js'

/** The message of the deterministic failure that a conversion ends in; twice, because it has to be the same again. */
export async function failureOf(source: string | Uint8Array, params: ConvertParams = {}): Promise<string> {
  const [first, second] = [await attempt(source, params), await attempt(source, params)]
  expect(second).toBe(first)
  return first
}

async function attempt(source: string | Uint8Array, params: ConvertParams): Promise<string> {
  const error = await convertBytes(source, params).then(
    () => null,
    (reason: unknown) => reason,
  )
  expect(error, 'the conversion should have failed').not.toBeNull()
  if (!isOperationError(error)) throw error
  expect(error.message).not.toMatch(/\n|\bat .*:\d+:\d+|node_modules|\/tmp\//)
  return error.message
}
