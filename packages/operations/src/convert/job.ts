import type { OperationContext, OperationOutcome } from '@opcache/server/operation'
import type { Found } from './families.js'
import type { ConvertParams } from './params.js'
import type { SourceHead } from './source-head.js'
import type { TargetName } from './targets.js'

/** One conversion, decided: what the source is and what it is to become. */
export interface ConvertJob {
  readonly context: OperationContext<ConvertParams>
  readonly head: SourceHead
  readonly found: Found
  readonly to: TargetName
}

/** Does one kind of conversion: writes the result to `context.output`, without ending it, and tells what it wrote. */
export type Converter = (job: ConvertJob) => Promise<OperationOutcome>
