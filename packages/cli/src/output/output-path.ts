import { extname, resolve } from 'node:path'
import { OutputError, type ResultDocument } from '@opcache/sdk'
import type { Destination } from './destination.js'
import { outputPath, resultBaseName } from './output-name.js'
import { fillTemplate, sourceValues } from './output-template.js'

/** What decides where one result goes. */
export interface OutputNaming {
  readonly destination: Destination
  /** What the result was made from, as it was typed; undefined where only the key is known. */
  readonly source: string | undefined
  readonly operation: string
  /** Whether the extension of the output says what the result is to become. */
  readonly isExtensionAsked?: boolean
}

/**
 * The file that a result goes to; undefined where it is written to what is there already: stdout or a device.
 *
 * @throws OutputError where the name would take the source's, or say something wrong
 */
export function pathOfOutput(result: ResultDocument, key: string, naming: OutputNaming): string | undefined {
  const { destination, source, operation } = naming
  if (destination.kind === 'stdout' || destination.kind === 'device') return undefined
  if (destination.kind === 'file') {
    if (naming.isExtensionAsked) assertSameKind(result, destination.path)
    return destination.path
  }
  const resultName = resultBaseName(result.name)
  const path =
    destination.kind === 'folder'
      ? outputPath({ source: source ?? '-', resultName, operation, folder: destination.path })
      : fillTemplate(destination.template, {
          ...sourceValues(source ?? '-'),
          ext: extname(resultName).slice(1) || operation,
          op: operation,
          key,
        })
  // Who wants to replace the source has to say so with -o.
  if (source !== undefined && resolve(path) === resolve(source)) {
    throw new OutputError('output-exists', `The result would be named ${path}, as its source is.`)
  }
  return path
}

/** An archive must not look like what it holds, nor the other way round. */
function assertSameKind({ name }: ResultDocument, path: string): void {
  const [made, named] = [extname(name).toLowerCase(), extname(path).toLowerCase()]
  if (named === '' || made === named || (made !== '.zip' && named !== '.zip')) return
  throw new OutputError(
    'output-not-writable',
    `The result is "${resultBaseName(name)}", which ${path} would not say. Name it ${path.slice(0, -named.length)}${made} with -o.`,
  )
}
