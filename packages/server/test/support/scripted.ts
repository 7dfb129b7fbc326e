import { buffer } from 'node:stream/consumers'
import { type InlineOperation, type OperationContext, OperationError } from '../../src/index.js'

/** What an operation of a test may do beside giving the source back. */
export interface Script {
  readonly version?: string
  readonly params?: Record<string, unknown>
  /** Called with the number of the run, from 1; its bytes are the result. */
  readonly run?: (run: number, context: OperationContext<unknown>, source: Buffer) => unknown
  readonly type?: string
  readonly name?: string
}

/** An inline operation that does what a test says, and counts. */
export function scripted(name: string, script: Script = {}): InlineOperation & { readonly runs: number } {
  let runs = 0
  return {
    name,
    version: script.version ?? '1',
    summary: 'Does what a test says',
    params: script.params ?? { type: 'object' },
    streaming: false,
    get runs() {
      return runs
    },
    run: async context => {
      runs += 1
      const source = await buffer(context.input.stream())
      const result = script.run ? await script.run(runs, context, source) : source
      context.output.end(result as Uint8Array)
      return {
        ...(script.type === undefined ? {} : { type: script.type }),
        ...(script.name === undefined ? {} : { name: script.name }),
      }
    },
  }
}

export { OperationError }

/** Waits for `opened`, or throws when the attempt is stopped first. */
export function orStopped(opened: Promise<unknown>, signal: AbortSignal): Promise<unknown> {
  return Promise.race([
    opened,
    new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason), { once: true })),
  ])
}
