import fc from 'fast-check'

export type Json = null | boolean | number | string | Json[] | { [name: string]: Json }

/** JSON values with well-formed strings, as JSON can carry them: it has no negative zero of its own. */
export const jsonValue: fc.Arbitrary<Json> = fc
  .jsonValue({ maxDepth: 5, stringUnit: 'binary' })
  .map(value => withoutNegativeZero(value as Json))

/** JSON objects, also with names that JavaScript treats apart, and values that look like JSON in a string. */
export const jsonObject: fc.Arbitrary<Record<string, Json>> = fc
  .uniqueArray(
    fc.tuple(
      fc.oneof(fc.string({ unit: 'binary' }), fc.constantFrom('__proto__', 'constructor', '', '1', 'a=b&c')),
      fc.oneof(
        jsonValue,
        jsonValue.map(value => JSON.stringify(value)),
      ),
    ),
    { selector: ([name]) => name, maxLength: 6 },
  )
  .map(members => Object.fromEntries(members))

function withoutNegativeZero(value: Json): Json {
  if (value === 0) return 0
  if (Array.isArray(value)) return value.map(withoutNegativeZero)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([name, item]) => [name, withoutNegativeZero(item)]))
}
