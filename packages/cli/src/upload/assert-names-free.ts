import { extname, resolve } from 'node:path'
import { usageError } from '../failure/command-error.js'
import type { OperationRequest } from '../operation/operation-request.js'
import { assertReplaceable, type Destination } from '../output/destination.js'
import { expectedExtension, outputPath } from '../output/output-name.js'
import { fillTemplate, sourceValues } from '../output/output-template.js'

/** Where the names of the outputs can be foretold, two that are one, and what is in their way, are found now. */
export async function assertNamesFree(
  sources: readonly string[],
  request: OperationRequest,
  destination: Destination,
  force: boolean,
): Promise<void> {
  if (destination.kind !== 'folder' && destination.kind !== 'template') return
  const extension = expectedExtension(request.params)
  const taken = new Map<string, string>()
  for (const source of sources.filter(source => source !== '-')) {
    // Equal files become equal files: where nobody knows what they become, the sources' extensions tell them apart.
    const path = foretold(source, request.name, destination, extension ?? `(${extname(source).slice(1)})`)
    if (path === undefined) return
    const other = taken.get(resolve(path))
    if (other !== undefined) throw sameName(other, source, destination, extension, path)
    taken.set(resolve(path), source)
    // A single bad source must not keep the others from being done.
    if (sources.length === 1 && extension !== undefined && destination.kind === 'folder') {
      await assertReplaceable(path, force)
    }
  }
}

function foretold(
  source: string,
  operation: string,
  destination: Destination & { kind: 'folder' | 'template' },
  extension: string,
): string | undefined {
  if (destination.kind === 'folder') {
    return outputPath({ source, resultName: `_.${extension}`, operation, folder: destination.path })
  }
  const { template } = destination
  // Only the server tells the key, and what has the same one is the same.
  if (template.includes('{key}')) return undefined
  return fillTemplate(template, { ...sourceValues(source), op: operation, ext: extension })
}

function sameName(
  one: string,
  other: string,
  { kind }: Destination,
  extension: string | undefined,
  path: string,
): Error {
  const named = extension === undefined ? 'alike' : path
  return usageError(
    `The results of ${one} and ${other} would both be named ${named}.`,
    kind === 'template'
      ? 'Let the template tell them apart, such as with {dir}, {base} or {key}.'
      : "Run them one by one with -o, or name them by a template, such as `-o 'out/{dir}/{base}.{ext}'`.",
  )
}
