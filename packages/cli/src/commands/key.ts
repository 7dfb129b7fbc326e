import type { ContentId } from '@opcache/protocol'
import { hashSource, keyOf } from '@opcache/sdk'
import { recallOperations } from '../connection/capabilities-memory.js'
import { usageError } from '../failure/command-error.js'
import { descriptorOf } from '../operation/descriptor.js'
import { parseParams } from '../operation/operation-request.js'
import { writeJson } from '../output/json-output.js'
import { writeStandardOutput } from '../output/standard-output.js'
import { interruptionSignal } from '../process/interruption.js'
import { openProgressView } from '../progress/open-progress-view.js'
import { userFolders } from '../settings/folders.js'
import { type GlobalOptions, loadSettings } from '../settings/settings.js'
import { assertOperation, type EntryFlags, parseResource } from './entry-flags.js'

export interface KeyFlags extends GlobalOptions, EntryFlags {
  readonly user?: string
  readonly rehash?: boolean
}

/** The user of a server that authenticates nobody. */
const ONLY_USER = 'local'

/** `opcache key`: prints the key of an entry, without asking a server; what the last answer told of it is known. */
export async function key(source: string | undefined, flags: KeyFlags): Promise<void> {
  assertOperation(flags)
  const known = (await recallOperations(loadSettings(flags).server)).find(({ name }) => name === flags.op)
  const operation = { name: flags.op, params: parseParams(flags.param ?? [], known) }
  const resource = parseResource(flags.resource)
  if (source === undefined && !resource) {
    throw usageError(
      'A key is that of a source.',
      'Name a file, - for standard input, or --resource name@version.',
    )
  }
  const isOwn = flags.private || flags.user !== undefined || resource !== undefined
  const content = resource ? undefined : await contentOf(source as string, flags)
  const user = isOwn ? (flags.user ?? ONLY_USER) : undefined
  const descriptor = descriptorOf(content, { operation, resource, user, salt: flags.salt })
  const entryKey = await keyOf(descriptor)
  if (flags.json) await writeJson(flags, 'result', { key: entryKey, descriptor })
  else await writeStandardOutput(`${entryKey}\n`)
}

async function contentOf(source: string, flags: KeyFlags): Promise<ContentId> {
  const view = await openProgressView({ source }, flags)
  const identityFolder = flags.rehash ? undefined : userFolders().identities
  const options = { signal: interruptionSignal(), onProgress: view.onProgress, identityFolder }
  const { id } = await hashSource(source === '-' ? process.stdin : source, options).finally(() =>
    view.clear(),
  )
  return id
}
