import { ProtocolError } from '../errors/protocol-error.js'
import { parseIJson } from './i-json.js'

/** Parameters of an operation by name. */
export type Params = Record<string, unknown>

/** The value of a parameter typed as text: JSON if it parses as JSON, else the text itself. */
export function parseParameterValue(text: string): unknown {
  return isJson(text) ? parseIJson(text) : text
}

/**
 * Parameters typed as `name=value`, one a text, as on a command line.
 *
 * @throws ProtocolError `bad-request` for a text without `=` or without a name, and for a repeated name.
 */
export function parseParameterTexts(texts: readonly string[]): Params {
  return collect(
    texts.map(text => {
      const [name, value] = splitPair(text)
      if (name === '' || value === undefined) {
        throw new ProtocolError('bad-request', `The parameter "${text}" is not of the form name=value.`)
      }
      return [name, value]
    }),
  )
}

/**
 * Parameters of a form-encoded query string (`+` is a space), without its `?`. A name without `=` has the empty text.
 *
 * @throws ProtocolError `bad-request` for a repeated name or broken percent-encoding.
 */
export function parseParameterQuery(query: string): Params {
  const pairs = query.split('&').filter(pair => pair !== '')
  return collect(
    pairs.map(pair => {
      const [name, value = ''] = splitPair(pair)
      return [decodeForm(name), decodeForm(value)]
    }),
  )
}

/** The query string that {@link parseParameterQuery} reads back as `params`; members that are undefined are left out. */
export function formatParameterQuery(params: Params): string {
  const query = new URLSearchParams()
  for (const [name, value] of Object.entries(params)) {
    if (value !== undefined) query.append(name, formatParameterValue(value))
  }
  return query.toString()
}

function formatParameterValue(value: unknown): string {
  return typeof value === 'string' && !isJson(value) ? value : JSON.stringify(value)
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text)
    return true
  } catch {
    return false
  }
}

function decodeForm(text: string): string {
  try {
    return decodeURIComponent(text.replaceAll('+', ' '))
  } catch (error) {
    throw new ProtocolError('bad-request', `The query has broken percent-encoding: "${text}".`, {
      cause: error,
    })
  }
}

/** The text before the first `=` and the text after it, undefined when there is no `=`. */
function splitPair(pair: string): [name: string, value: string | undefined] {
  const equals = pair.indexOf('=')
  return equals < 0 ? [pair, undefined] : [pair.slice(0, equals), pair.slice(equals + 1)]
}

function collect(pairs: readonly [name: string, value: string][]): Params {
  const texts = new Map<string, string>()
  for (const [name, value] of pairs) {
    if (texts.has(name)) throw new ProtocolError('bad-request', `The parameter "${name}" is given twice.`)
    texts.set(name, value)
  }
  return Object.fromEntries([...texts].map(([name, text]) => [name, parseParameterValue(text)]))
}
