import { OperationError } from '@opcache/server/operation'
import { type Conversion, conversionsOf, type SpecificParam } from './conversions.js'
import type { Found } from './families.js'
import type { ConvertParams } from './params.js'
import { joined } from './wording.js'

/**
 * Refuses parameters that a conversion does not understand, instead of ignoring what somebody meant.
 *
 * @throws OperationError that names the first such parameter, what is understood, and where it would be.
 */
export function refuseForeignParams(params: ConvertParams, found: Found, conversion: Conversion): void {
  const understood: readonly string[] = ['to', 'from', ...conversion.params]
  const foreign = Object.entries(params).find(
    ([name, value]) => value !== undefined && !understood.includes(name),
  )
  if (foreign === undefined) return
  const name = foreign[0] as SpecificParam
  const elsewhere = conversionsOf(conversion.family)
    .filter(other => other.params.includes(name))
    .map(other => other.to)
  const hint = elsewhere.length > 0 ? `; ${name} is for ${joined(elsewhere, 'or')}` : ''
  throw new OperationError(
    `${name} means nothing when ${found.label} becomes ${conversion.to}: understood are ${joined(understood, 'and')}${hint}`,
  )
}
