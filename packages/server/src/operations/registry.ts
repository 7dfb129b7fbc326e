import { type OperationDocument, type Params, ProtocolError } from '@opcache/protocol'
import { Ajv, type ErrorObject, type ValidateFunction } from 'ajv'
import { checkDeclaration } from './check-declaration.js'
import { refusedValue } from './command-line.js'
import { findTool } from './find-tool.js'
import type { Operation } from './operation.js'
import { unknownName } from './unknown-name.js'

/** An operation that is offered, with its parameter check. */
export interface OfferedOperation {
  readonly name: string
  readonly version: string
  readonly operation: Operation
  /** The parameters with the schema's defaults filled in. @throws ProtocolError `invalid-params` */
  checkParams(params: Params): Params
  /** The tool that it needs and that is not installed here. */
  missingTool(): Promise<string | undefined>
}

/** The operations that a server offers, by name. */
export class OperationRegistry {
  readonly #offered = new Map<string, OfferedOperation>()

  /** @throws DeclarationError; Error when two operations have one name, or a schema is none. */
  constructor(operations: readonly Operation[]) {
    const ajv = new Ajv({ useDefaults: true, allErrors: true, strict: false, verbose: true })
    for (const [index, declared] of operations.entries()) {
      const operation = checkDeclaration(declared, `operations[${index}]`)
      if (this.#offered.has(operation.name)) {
        throw new Error(`Two operations are named "${operation.name}": names must be unique.`)
      }
      this.#offered.set(operation.name, offer(operation, compile(ajv, operation)))
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
      `There is no operation ${unknownName(name, this.names)} here. There are: ${this.names.join(', ')}.`,
    )
  }

  get names(): string[] {
    return [...this.#offered.keys()].sort()
  }

  /** What the capabilities publish. */
  documents(): Promise<OperationDocument[]> {
    return Promise.all(
      this.names.map(async name => {
        const { operation, missingTool } = this.require(name)
        const { version, summary, streaming, params } = operation
        const missing = await missingTool()
        return { name, version, summary, streaming, params, ...(missing === undefined ? {} : { missing }) }
      }),
    )
  }
}

function compile(ajv: Ajv, { name, params }: Operation): ValidateFunction {
  try {
    return ajv.compile(params)
  } catch (error) {
    const { message } = error as Error
    throw new Error(`The "params" of the operation "${name}" are no JSON Schema: ${message}.`, {
      cause: error,
    })
  }
}

function offer(operation: Operation, validate: ValidateFunction): OfferedOperation {
  const { name, version } = operation
  return {
    name,
    version,
    operation,
    checkParams(params) {
      const checked = structuredClone(params)
      if (!validate(checked)) throw invalid(name, reasons(validate.errors ?? []))
      const refused = 'command' in operation ? refusedValue(operation.command, checked) : undefined
      if (refused !== undefined) throw invalid(name, refused)
      return checked
    },
    async missingTool() {
      const tool = 'command' in operation ? (operation.command[0] as string) : undefined
      return tool === undefined || (await findTool(tool)) !== undefined ? undefined : tool
    },
  }
}

function invalid(name: string, reasons: string): ProtocolError {
  return new ProtocolError('invalid-params', `"${name}" does not take these parameters: ${reasons}.`)
}

/** What is wrong, as people read it. Of alternatives one would have been enough. */
function reasons(errors: readonly ErrorObject[]): string {
  const isAlternative = ({ schemaPath }: ErrorObject) => /\/(any|one)Of\//.test(schemaPath)
  const alternatives = errors.filter(isAlternative).map(describe)
  const isSummary = ({ keyword }: ErrorObject) => alternatives.length > 0 && /^(any|one)Of$/.test(keyword)
  const others = errors.filter(error => !isAlternative(error) && !isSummary(error)).map(describe)
  return [...others, ...(alternatives.length > 0 ? [alternatives.join(', or ')] : [])].join('; ')
}

/** One schema error as people read it. */
function describe({ keyword, instancePath, params, message, parentSchema }: ErrorObject): string {
  const name = instancePath.slice(1).replaceAll('/', '.')
  if (keyword === 'additionalProperties') {
    const unknown = [name, params.additionalProperty].filter(Boolean).join('.')
    return `there is no parameter ${unknownName(unknown, Object.keys(parentSchema?.properties ?? {}))}`
  }
  if (keyword === 'required') return `the parameter "${params.missingProperty}" is missing`
  if (keyword === 'enum') return `"${name}" is one of ${params.allowedValues.join(', ')}`
  if (keyword === 'const') return `"${name}" is ${JSON.stringify(params.allowedValue)}`
  return name ? `"${name}" ${message}` : `they ${message}`
}
