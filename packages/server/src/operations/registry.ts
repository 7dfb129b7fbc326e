import { type LackingOperation, type OperationDocument, type Params, ProtocolError } from '@opcache/protocol'
import { Ajv, type ErrorObject, type ValidateFunction } from 'ajv'
import { checkDeclaration, DeclarationError } from './check-declaration.js'
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
  readonly #lacking: readonly LackingOperation[]

  /**
   * @param lacking What would be offered if this machine had what it needs.
   * @throws DeclarationError, also when two operations have one name, or a schema is none.
   */
  constructor(operations: readonly Operation[], lacking: readonly LackingOperation[] = []) {
    const ajv = new Ajv({ useDefaults: true, allErrors: true, strict: false, verbose: true })
    for (const [index, declared] of operations.entries()) {
      const operation = checkDeclaration(declared, `operations[${index}]`)
      const { name } = operation
      const refuse = (reason: string) => new DeclarationError(`operations[${index}] ("${name}"): ${reason}`)
      if (this.#offered.has(name)) throw refuse('another operation has this name.')
      this.#offered.set(name, offer(operation, compile(ajv, operation, refuse)))
    }
    this.#lacking = lacking.filter(({ name }) => !this.#offered.has(name))
  }

  /** Whether operations can be offered together. @throws DeclarationError */
  static check(operations: readonly Operation[]): void {
    new OperationRegistry(operations)
  }

  get(name: string): OfferedOperation | undefined {
    return this.#offered.get(name)
  }

  /** @throws ProtocolError `operation-not-found` that names what there is. */
  require(name: string): OfferedOperation {
    const offered = this.#offered.get(name)
    if (offered) return offered
    const lacked = this.#lacking.find(lacking => lacking.name === name)
    if (lacked) {
      throw new ProtocolError(
        'operation-not-found',
        `The operation "${name}" needs ${lacked.needs}, which this server does not have.`,
      )
    }
    throw new ProtocolError(
      'operation-not-found',
      `There is no operation ${unknownName(name, this.names)} here. There are: ${this.names.join(', ')}.`,
    )
  }

  get names(): string[] {
    return [...this.#offered.keys()].sort()
  }

  /** What is not offered, and why. */
  get lacking(): readonly LackingOperation[] {
    return this.#lacking
  }

  /** What the capabilities publish. */
  documents(): Promise<OperationDocument[]> {
    return Promise.all(
      this.names.map(async name => {
        const { operation, missingTool } = this.require(name)
        const { version, summary, streaming, params, tools = [] } = operation
        const missing = await missingTool()
        const partlyMissing = await notInstalled(tools)
        return {
          ...{ name, version, summary, streaming, params },
          ...(missing === undefined ? {} : { missing }),
          ...(partlyMissing.length === 0 ? {} : { partlyMissing }),
        }
      }),
    )
  }
}

async function notInstalled(tools: readonly string[]): Promise<string[]> {
  const paths = await Promise.all(tools.map(findTool))
  return tools.filter((_, index) => paths[index] === undefined)
}

function compile(ajv: Ajv, { params }: Operation, refuse: (reason: string) => Error): ValidateFunction {
  try {
    return ajv.compile(params)
  } catch (error) {
    throw refuse(`"params" is no JSON Schema: ${(error as Error).message}.`)
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
  const alternatives = ofRightType(errors.filter(isAlternative)).map(describe)
  const isSummary = ({ keyword }: ErrorObject) => alternatives.length > 0 && /^(any|one)Of$/.test(keyword)
  const others = errors.filter(error => !isAlternative(error) && !isSummary(error)).map(describe)
  return [...others, ...(alternatives.length > 0 ? [alternatives.join(', or ')] : [])].join('; ')
}

/** Of alternatives those that have the type of what was given, where there are any: one of them was meant. */
function ofRightType(errors: readonly ErrorObject[]): readonly ErrorObject[] {
  const meant = errors.filter(({ keyword }) => keyword !== 'type')
  return meant.length > 0 ? meant : errors
}

/** One schema error as people read it. */
function describe({ keyword, instancePath, params, message, parentSchema, data }: ErrorObject): string {
  const name = instancePath.slice(1).replaceAll('/', '.')
  if (keyword === 'additionalProperties') {
    const unknown = [name, params.additionalProperty].filter(Boolean).join('.')
    return `there is no parameter ${unknownName(unknown, Object.keys(parentSchema?.properties ?? {}))}`
  }
  if (keyword === 'required') return `the parameter "${params.missingProperty}" is missing`
  if (keyword === 'enum') {
    const choices = params.allowedValues.map(String) as string[]
    const given = typeof data === 'string' ? `, not ${unknownName(data, choices)}` : ''
    return `"${name}" is one of ${choices.join(', ')}${given}`
  }
  if (keyword === 'pattern' && parentSchema?.description !== undefined) {
    return `"${name}" is ${parentSchema.description}, not ${JSON.stringify(data)}`
  }
  if (keyword === 'const') return `"${name}" is ${JSON.stringify(params.allowedValue)}`
  // What was typed as a text is a number, true or false where it looks like one.
  if (keyword === 'type' && params.type === 'string' && ['number', 'boolean'].includes(typeof data)) {
    return `"${name}" must be string, and ${data} is none: in quotes it is, ${name}="${data}"`
  }
  return name ? `"${name}" ${message}` : `they ${message}`
}
