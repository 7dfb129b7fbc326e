import { ProtocolError } from '../errors/protocol-error.js'

/** How deep arrays and objects may nest. */
export const JSON_DEPTH_LIMIT = 32

/**
 * Parses I-JSON (RFC 7493): UTF-8 bytes or text without duplicate member names, lone surrogates and numbers beyond
 * those of a double, nested at most {@link JSON_DEPTH_LIMIT} deep.
 *
 * @throws ProtocolError `bad-request` that names what is wrong.
 */
export function parseIJson(input: Uint8Array | string): unknown {
  const text = typeof input === 'string' ? input : decodeUtf8(input)
  const { depth, members } = scanShape(text)
  if (depth > JSON_DEPTH_LIMIT) throw refusal(`The JSON nests deeper than ${JSON_DEPTH_LIMIT} levels.`)
  const value = parseJson(text)
  // JSON.parse keeps the last of two equal names, so fewer members than the text has mean a duplicate.
  if (countMembers(value) !== members) {
    throw refusal('The JSON has an object with two members of the same name.')
  }
  return value
}

function refusal(detail: string, options?: { cause: unknown }): ProtocolError {
  return new ProtocolError('bad-request', detail, options)
}

function decodeUtf8(bytes: Uint8Array): string {
  try {
    // RFC 8259, 8.1: a byte order mark is not added. It stays in the text, where it is not JSON.
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
  } catch (error) {
    throw refusal('The body is not UTF-8.', { cause: error })
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch (error) {
    throw refusal(`The body is not JSON: ${(error as Error).message}.`, { cause: error })
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

/** How many members the objects in `value` have. Refuses what JSON can write but I-JSON cannot carry. */
function countMembers(value: unknown): number {
  if (typeof value === 'string' && !value.isWellFormed()) {
    throw refusal('The JSON has a string with a lone surrogate.')
  }
  if (typeof value === 'number' && !Number.isFinite(value)) {
    throw refusal('The JSON has a number that is too large.')
  }
  if (typeof value !== 'object' || value === null) return 0
  if (Array.isArray(value)) return value.reduce<number>((sum, item) => sum + countMembers(item), 0)
  return Object.entries(value).reduce(
    (sum, [name, item]) => sum + 1 + countMembers(name) + countMembers(item),
    0,
  )
}
