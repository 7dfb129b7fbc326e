import { createReadStream } from 'node:fs'
import { realpath, stat } from 'node:fs/promises'
import { sep } from 'node:path'
import type { Writable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { OperationError } from '../operations/operation-error.js'

/** A file that a tool was to write. */
export interface ToolOutput {
  /** Name of the tool, for the message. */
  readonly tool: string
  /** What it said at the end, likewise. */
  readonly said: string
  /** The attempt's folder. */
  readonly folder: string
  readonly path: string
}

/**
 * Passes what a tool wrote on to the result, without ending it, and answers how many bytes that were. A link that leads
 * out of the attempt's folder is no output: what is unpacked may hold one, to a file that only the server may read.
 *
 * @throws OperationError where there is no such file
 */
export async function takeOutput(
  { tool, said, folder, path }: ToolOutput,
  output: Writable,
): Promise<number> {
  const real = await realpath(path).catch(() => undefined)
  const isInside = real?.startsWith(`${await realpath(folder)}${sep}`)
  const stats = real !== undefined && isInside ? await stat(real) : undefined
  if (!real || !stats?.isFile()) {
    throw noOutput(tool, said)
  }
  await pipeline(createReadStream(real), output, { end: false })
  return stats.size
}

/** The failure of a tool that ended well and left nothing. */
export function noOutput(tool: string, said: string): OperationError {
  return new OperationError(`${tool} ended well, but wrote no output: ${said || 'it said nothing'}`)
}
