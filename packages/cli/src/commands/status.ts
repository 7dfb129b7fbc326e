import { type EntryDocument, isStreamDocument } from '@opcache/protocol'
import { connect } from '../connection/connect.js'
import { printable } from '../failure/printable.js'
import { type Fields, fieldsText } from '../output/fields.js'
import { fitted } from '../output/fitted.js'
import { writeJson } from '../output/json-output.js'
import { sizeText } from '../output/size-text.js'
import { writeStandardOutput } from '../output/standard-output.js'
import { interruptionSignal } from '../process/interruption.js'
import { type GlobalOptions, loadSettings } from '../settings/settings.js'
import { parseKey } from './parse-key.js'

/** `opcache status`: how an entry stands. */
export async function status(keyText: string, flags: GlobalOptions): Promise<void> {
  const key = parseKey(keyText)
  const signal = interruptionSignal()
  await using session = await connect(loadSettings(flags))
  if (!session.isEmbedded) await session.firstContact(signal)
  const entry = await session.cache.status(key, { signal })
  if (flags.json) return writeJson(flags, 'result', entry)
  await writeStandardOutput(await fieldsText(fieldsOf(entry)))
  await writeStandardOutput(await fitted(process.stdout, logText(entry), 2))
}

function fieldsOf(entry: EntryDocument): Fields {
  const { key, state, attempt, descriptor, operationVersion, source, result, progress, error } = entry
  const { name, params } = descriptor.operation
  const texts = Object.entries(params).map(([param, value]) => `${param}=${JSON.stringify(value)}`)
  return [
    ['key', key],
    ['state', state],
    ['operation', [name, ...texts, `(version ${operationVersion})`].join(' ')],
    ['attempt', String(attempt)],
    ...(source ? sourceFields(source) : []),
    ['progress', progress && progressText(progress)],
    ['result', result && `${result.name}, ${result.type}, ${sizeText(result.size)}`],
    ['error', error?.detail],
    ['created', entry.createdAt],
    ['expires', entry.expiresAt],
  ]
}

function sourceFields(source: NonNullable<EntryDocument['source']>): Fields {
  if (isStreamDocument(source)) {
    return [['source', `${source.id}, ${source.presentBlocks} blocks until now`]]
  }
  const { id, size, missingBlocks } = source
  return [
    ['source', `${id}, ${sizeText(size)}`],
    ['missing', missingBlocks > 0 ? `${missingBlocks} blocks of the source` : undefined],
  ]
}

/** The log of the last attempt, line by line. */
function logText({ log }: EntryDocument): string {
  if (log === undefined) return ''
  const lines = log.trimEnd().split('\n')
  return `log\n${lines.map(line => `  ${printable(line)}\n`).join('')}`
}

function progressText({ fraction, message }: NonNullable<EntryDocument['progress']>): string {
  const percentage = fraction === undefined ? undefined : `${Math.floor(fraction * 100)}%`
  return [percentage, message].filter(text => text !== undefined).join(' ')
}
