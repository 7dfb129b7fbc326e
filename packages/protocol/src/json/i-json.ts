import { ProtocolError } from '../errors/protocol-error.js'

/** How deep arrays and objects may nest. */
export const JSON_DEPTH_LIMIT = 32

/**
 * Parses I-JSON (RFC 7493): UTF-8 bytes or text without duplicate member names and lone surrogates, nested at most
 * {@link JSON_DEPTH_LIMIT} deep.
 *
 * @throws ProtocolError `bad-request` that names what is wrong.
 */
export function parseIJson(input: Uint8Array | string): unknown {
  const text = typeof input === 'string' ? input : decodeUtf8(input)
  const shape = scanShape(text)
  if (shape.depth > JSON_DEPTH_LIMIT) {
    throw new ProtocolError('bad-request', `The JSON nests deeper than ${JSON_DEPTH_LIMIT} levels.`)
  }
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch (error) {
    throw new ProtocolError('bad-request', `The body is not JSON: ${(error as Error).message}.`, {
      cause: error,
    })
  }
  // JSON.parse keeps the last of two equal names, so fewer members than the text has mean a duplicate.
  if (inspect(value) !== shape.members) {
    throw new ProtocolError('bad-request', 'The JSON has an object with two members of the same name.')
  }
  return value
}

function decodeUtf8(bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
  } catch (error) {
    throw new ProtocolError('bad-request', 'The body is not UTF-8.', { cause: error })
  }
}

/** One pass over the text: outside of strings every `:` belongs to one member. */
function scanShape(text: string): { depth: number; members: number } {
  let depth = 0
  let deepest = 0
  let members = 0
  let isString = false
  for (let at = 0; at < text.length; at++) {
    const character = text[at]
    if (isString) {
      if (character === '\\') at += 1
      else if (character === '"') isString = false
    } else if (character === '"') isString = true
    else if (character === ':') members += 1
    else if (character === '{' || character === '[') deepest = Math.max(deepest, ++depth)
    else if (character === '}' || character === ']') depth -= 1
  }
  return { depth: deepest, members }
}

/** Counts the members of all objects in `value`, and refuses lone surrogates. */
function inspect(value: unknown): number {
  if (typeof value === 'string') {
    if (!value.isWellFormed()) {
      throw new ProtocolError('bad-request', 'The JSON has a string with a lone surrogate.')
    }
    return 0
  }
  if (typeof value !== 'object' || value === null) return 0
  if (Array.isArray(value)) return value.reduce<number>((sum, item) => sum + inspect(item), 0)
  return Object.entries(value).reduce((sum, [name, item]) => sum + 1 + inspect(name) + inspect(item), 0)
}
