/** A parameter as its JSON Schema describes it. */
export interface ParameterProperty {
  readonly isRequired: boolean
  /** `integer 1 to 9`, `string`, `png, jpeg or webp` ... */
  readonly type: string
  /** Where the schema lists the values: those that are texts. */
  readonly choices: readonly string[]
  readonly description: string | undefined
  readonly default: unknown
}

type Schema = Record<string, unknown>

/** The parameters of an operation by name, from the JSON Schema of its parameters; what is no schema has none. */
export function schemaProperties(schema: unknown): ReadonlyMap<string, ParameterProperty> {
  if (!isObject(schema) || !isObject(schema.properties)) return new Map()
  const required = Array.isArray(schema.required) ? schema.required : []
  return new Map(
    Object.entries(schema.properties).map(([name, value]) => {
      const property: Schema = isObject(value) ? value : {}
      const described = {
        isRequired: required.includes(name) && property.default === undefined,
        type: typeText(property),
        choices: choicesOf(property).filter(choice => typeof choice === 'string'),
        description: typeof property.description === 'string' ? property.description : undefined,
        default: property.default,
      }
      return [name, described]
    }),
  )
}

function typeText(property: Schema): string {
  const choices = choicesOf(property)
  if (choices.length > 0)
    return choices.map(choice => (typeof choice === 'string' ? choice : JSON.stringify(choice))).join(' | ')
  const variants = variantsOf(property)
  if (variants.length > 0) return [...new Set(variants.map(typeText))].join(' or ')
  const type = typeof property.type === 'string' ? property.type : 'any value'
  return `${type}${rangeText(property)}`
}

function rangeText({ minimum, maximum }: Schema): string {
  if (typeof minimum === 'number' && typeof maximum === 'number') return ` ${minimum} to ${maximum}`
  if (typeof minimum === 'number') return ` from ${minimum}`
  if (typeof maximum === 'number') return ` up to ${maximum}`
  return ''
}

/** The values that a schema lists, however it lists them. */
function choicesOf(property: Schema): unknown[] {
  if (Array.isArray(property.enum)) return property.enum
  if ('const' in property) return [property.const]
  const variants = variantsOf(property)
  const lists = variants.map(choicesOf)
  return lists.every(list => list.length > 0) ? lists.flat() : []
}

function variantsOf({ anyOf, oneOf }: Schema): Schema[] {
  const variants = Array.isArray(anyOf) ? anyOf : Array.isArray(oneOf) ? oneOf : []
  return variants.filter(isObject)
}

function isObject(value: unknown): value is Schema {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
