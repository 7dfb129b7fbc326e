import type { OperationDocument } from '@opcache/protocol'
import { connect } from '../connection/connect.js'
import { printable } from '../failure/printable.js'
import { findOperation } from '../operation/operation-request.js'
import { type ParameterProperty, schemaProperties } from '../operation/schema-properties.js'
import { fitted } from '../output/fitted.js'
import { writeJson } from '../output/json-output.js'
import { writeStandardOutput } from '../output/standard-output.js'
import { interruptionSignal } from '../process/interruption.js'
import { type GlobalOptions, loadSettings } from '../settings/settings.js'

/** `opcache ops`: what the server can do, or one operation of it with all that is known. */
export async function ops(name: string | undefined, flags: GlobalOptions): Promise<void> {
  await using session = await connect(loadSettings(flags))
  const capabilities = await session.firstContact(interruptionSignal())
  const shown = name === undefined ? capabilities.operations : [findOperation(name, capabilities)]
  if (flags.json) {
    for (const operation of shown) await writeJson(flags, 'result', operation)
    return
  }
  if (name === undefined) await tellAll(shown)
  else for (const operation of shown) await tell(detailed(operation), 2)
}

/** Names in a column, what each operation does behind them, and its parameters under that. */
async function tellAll(operations: readonly OperationDocument[]): Promise<void> {
  const width = Math.max(...operations.map(({ name }) => name.length)) + 2
  for (const { name, summary, missing, partlyMissing = [], params } of operations) {
    const lack =
      missing !== undefined
        ? ` (missing on the server: ${missing})`
        : partlyMissing.length > 0
          ? ` (in part; missing on the server: ${partlyMissing.join(', ')})`
          : ''
    await tell(`${printable(name).padEnd(width)}${printable(`${summary}${lack}`)}\n`, width)
    const names = [...schemaProperties(params).keys()].map(param => printable(param))
    if (names.length > 0) await tell(`${' '.repeat(width)}-p ${names.join(', ')}\n`, 3)
  }
}

async function tell(text: string, hang: number): Promise<void> {
  await writeStandardOutput(await fitted(process.stdout, text, hang))
}

function detailed(operation: OperationDocument): string {
  const { name, version, summary, streaming, params, missing, partlyMissing = [] } = operation
  const properties = [...schemaProperties(params)]
  const head = `${printable(name)} (version ${printable(version)}${streaming ? ', streaming' : ''})\n  ${printable(summary)}\n`
  const lack =
    missing !== undefined
      ? `  The server lacks ${printable(missing)}, which it needs.\n`
      : partlyMissing.length > 0
        ? `  Some of it needs what the server lacks: ${printable(partlyMissing.join(', '))}.\n`
        : ''
  if (properties.length === 0) return `${head}${lack}\nIt takes no parameters.\n`
  const lines = properties.map(([param, property]) => parameterText(param, property))
  return `${head}${lack}\nParameters:\n${lines.join('')}`
}

function parameterText(name: string, property: ParameterProperty): string {
  const { isRequired, type, description } = property
  const facts = [
    type,
    ...(isRequired ? ['required'] : []),
    ...(property.default === undefined ? [] : [`default ${JSON.stringify(property.default)}`]),
  ]
  const told = description === undefined ? '' : `      ${printable(description)}\n`
  return `  ${printable(`-p ${name}=... (${facts.join(', ')})`)}\n${told}`
}
