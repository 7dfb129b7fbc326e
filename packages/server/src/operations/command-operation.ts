import type { TSchema } from 'typebox'
import type { CommandOperation } from './operation.js'

/** How a command operation is declared. */
export type CommandDeclaration<Params extends TSchema = TSchema> = Omit<
  CommandOperation<Params>,
  'streaming'
> & {
  /** Whether it is a filter, from stdin to stdout, that writes before it has read all. @default false */
  readonly streaming?: boolean
}

/**
 * Declares an operation that is a command-line tool.
 *
 * @example
 * commandOperation({
 *   name: 'audio-to-mp3',
 *   version: '1',
 *   summary: 'Any sound as MP3',
 *   params: Type.Object({ kbps: Type.Optional(Type.Integer({ minimum: 32, maximum: 320 })) }, { additionalProperties: false }),
 *   command: ['ffmpeg', '-i', '{input}', ['-b:a', '{kbps}k'], '{output}'],
 *   output: { type: 'audio/mpeg', name: 'result.mp3' },
 *   limits: { timeoutMs: 600_000 },
 * })
 */
export function commandOperation<Params extends TSchema>(
  declaration: CommandDeclaration<Params>,
): CommandOperation {
  return { streaming: false, ...declaration }
}
