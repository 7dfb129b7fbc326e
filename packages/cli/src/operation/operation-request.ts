import { extname } from 'node:path'
import {
  type Capabilities,
  isProtocolError,
  type OperationDocument,
  type Params,
  parseParameterTexts,
} from '@opcache/protocol'
import { didYouMean } from '../failure/closest-name.js'
import { CommandError, usageError } from '../failure/command-error.js'
import { schemaProperties } from './schema-properties.js'

/** An operation with its parameters. */
export interface OperationRequest {
  readonly name: string
  readonly params: Params
}

/**
 * Parameters as they were typed, one `name=value` each: JSON where they parse as JSON, but a text where the operation, if
 * it is known, takes nothing else.
 *
 * @throws CommandError
 */
export function parseParams(texts: readonly string[], operation?: Pick<OperationDocument, 'params'>): Params {
  try {
    const params = parseParameterTexts(texts)
    const properties = schemaProperties(operation?.params)
    for (const text of texts) {
      const [name = ''] = text.split('=', 1)
      const isText = properties.get(name)?.type === 'string'
      if (isText && typeof params[name] !== 'string') params[name] = text.slice(name.length + 1)
    }
    return params
  } catch (error) {
    if (!isProtocolError(error)) throw error
    throw usageError(error.message, 'Give each parameter once, as `-p name=value`.')
  }
}

/** The operation of that name, before anything is read or sent. @throws CommandError that names what there is */
export function findOperation(name: string, { operations, lacking = [] }: Capabilities): OperationDocument {
  const found = operations.find(operation => operation.name === name)
  if (found) return found
  const lacked = lacking.find(operation => operation.name === name)
  if (lacked) {
    throw new CommandError(
      'operation-not-found',
      `The operation "${name}" needs ${lacked.needs}, which this server does not have.`,
      'Run it on another server, or see `opcache ops` for what there is.',
    )
  }
  const names = operations.map(operation => operation.name)
  const there = `There are: ${names.join(', ')}.`
  const suggestion = didYouMean(name, names)
  throw new CommandError(
    'operation-not-found',
    `There is no operation "${name}" on this server.`,
    suggestion === undefined ? there : `${suggestion} ${there}`,
  )
}

/** Fills `to` in from the output's extension, for operations that have it and where it was not given. */
export function withTarget(params: Params, operation: OperationDocument, output: string | undefined): Params {
  const extension = extname(output ?? '').slice(1)
  const properties = schemaProperties(operation.params)
  if (extension === '' || Object.hasOwn(params, 'to') || !properties.has('to')) return params
  if (extension.toLowerCase() !== 'zip' || !properties.has('pages')) {
    return { ...params, to: extension.toLowerCase() }
  }
  // An archive is how the images of several pages come.
  const isChosen = Object.hasOwn(params, 'pages') || Object.hasOwn(params, 'page')
  return { ...params, to: 'png', ...(!isChosen && { pages: 'all' }) }
}

/** What was probably meant by parameters that the operation does not take. */
export function suggestParams(params: Params, operation: OperationDocument): string | undefined {
  const properties = schemaProperties(operation.params)
  const names = [...properties.keys()]
  for (const [name, value] of Object.entries(params)) {
    const property = properties.get(name)
    const suggestion = property
      ? typeof value === 'string'
        ? didYouMean(value, property.choices)
        : undefined
      : didYouMean(name, names)
    if (suggestion && !property?.choices.includes(value as string)) return suggestion
  }
  return undefined
}
