import { type OperationDocument, type Params, ProtocolError } from '@opcache/protocol'
import { Ajv, type ErrorObject, type ValidateFunction } from 'ajv'
import type { Operation } from './operation.js'

/** An operation that is offered, with its parameter check. */
export interface OfferedOperation {
  readonly name: string
  readonly version: string
  readonly operation: Operation
  /** The parameters with the schema's defaults filled in. @throws ProtocolError `invalid-params` */
  checkParams(params: Params): Params
}

/** The operations that a server offers, by name. */
export class OperationRegistry {
  readonly #offered = new Map<string, OfferedOperation>()

  /** @throws Error when two operations have one name, or a schema is none. */
  constructor(operations: readonly Operation[]) {
    const ajv = new Ajv({ useDefaults: true, allErrors: true, strict: false })
    for (const operation of operations) {
      if (this.#offered.has(operation.name)) {
        throw new Error(`Two operations are named "${operation.name}": names must be unique.`)
      }
      this.#offered.set(operation.name, offer(operation, ajv.compile(operation.params)))
    }
  }

  get(name: string): OfferedOperation | undefined {
    return this.#offered.get(name)
  }

  /** @throws ProtocolError `operation-not-found` that names what there is. */
  require(name: string): OfferedOperation {
    const offered = this.#offered.get(name)
    if (offered) return offered
    throw new ProtocolError(
      'operation-not-found',
      `There is no operation "${name}" here. There are: ${this.names.join(', ')}.`,
    )
  }

  get names(): string[] {
    return [...this.#offered.keys()].sort()
  }

  /** What the capabilities publish. */
  get documents(): OperationDocument[] {
    return this.names.map(name => {
      const { version, summary, streaming, params } = this.require(name).operation
      return { name, version, summary, streaming, params }
    })
  }
}

function offer(operation: Operation, validate: ValidateFunction): OfferedOperation {
  return {
    name: operation.name,
    version: operation.version,
    operation,
    checkParams(params) {
      const checked = structuredClone(params)
      if (validate(checked)) return checked
      const reasons = (validate.errors ?? []).map(describe).join('; ')
      throw new ProtocolError(
        'invalid-params',
        `"${operation.name}" does not take these parameters: ${reasons}.`,
      )
    },
  }
}

/** One schema error as people read it. */
function describe({ keyword, instancePath, params, message }: ErrorObject): string {
  const name = instancePath.slice(1).replaceAll('/', '.')
  if (keyword === 'additionalProperties') {
    return `there is no parameter "${[name, params.additionalProperty].filter(Boolean).join('.')}"`
  }
  if (keyword === 'required') return `the parameter "${params.missingProperty}" is missing`
  if (keyword === 'enum') return `"${name}" is one of ${params.allowedValues.join(', ')}`
  if (keyword === 'const') return `"${name}" is ${JSON.stringify(params.allowedValue)}`
  return name ? `"${name}" ${message}` : `they ${message}`
}
