import type { Operation } from '@opcache/server/operation'
import { convert } from './convert/convert.js'

export { convert } from './convert/convert.js'
export type { ConvertParams } from './convert/params.js'

/** Every operation of this package, to be handed to a server as it is. */
export const operations: readonly Operation[] = [convert]
