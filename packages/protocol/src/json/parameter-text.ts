import { ProtocolError } from '../errors/protocol-error.js'
import { parseIJson } from './i-json.js'

/** Parameters of an operation by name. */
export type Params = Record<string, unknown>

/** The value of a parameter typed as text: JSON if it parses as JSON, else the text itself. */
export function parseParameterValue(text: string): unknown {
  try {
    JSON.parse(text)
  } catch {
    return text
  }
  return parseIJson(text)
}

/**
 * Parameters typed as `name=value`, one a text, as on a command line.
 *
 * @throws ProtocolError `bad-request` for a text without `=` and for a repeated name.
 */
export function parseParameterTexts(texts: readonly string[]): Params {
  return collect(
    texts.map(text => {
      const equals = text.indexOf('=')
      if (equals < 1) {
        throw new ProtocolError('bad-request', `The parameter "${text}" is not of the form name=value.`)
      }
      return [text.slice(0, equals), text.slice(equals + 1)]
    }),
  )
}

/**
 * Parameters of a form-encoded query string (`+` is a space), without its `?`.
 *
 * @throws ProtocolError `bad-request` for a repeated name or broken percent-encoding.
 */
export function parseParameterQuery(query: string): Params {
  return collect(
    query
      .split('&')
      .filter(pair => pair !== '')
      .map(pair => {
        const [name = '', ...rest] = pair.split('=')
        return [decodeForm(name), decodeForm(rest.join('='))]
      }),
  )
}

/** The query string that {@link parseParameterQuery} reads back as `params`. */
export function formatParameterQuery(params: Params): string {
  const query = new URLSearchParams()
  for (const [name, value] of Object.entries(params)) query.append(name, formatParameterValue(value))
  return query.toString()
}

function formatParameterValue(value: unknown): string {
  const isPlain = typeof value === 'string' && parseParameterValueIsText(value)
  return isPlain ? (value as string) : JSON.stringify(value)
}

function parseParameterValueIsText(text: string): boolean {
  try {
    JSON.parse(text)
    return false
  } catch {
    return true
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

function collect(pairs: readonly (readonly string[])[]): Params {
  const seen = new Set<string>()
  for (const [name = ''] of pairs) {
    if (seen.has(name)) throw new ProtocolError('bad-request', `The parameter "${name}" is given twice.`)
    seen.add(name)
  }
  return Object.fromEntries(pairs.map(([name = '', value = '']) => [name, parseParameterValue(value)]))
}
