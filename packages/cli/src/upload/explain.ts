import type { ContentId, Descriptor, EntryDocument, EntryKey } from '@opcache/protocol'
import { isRequestError, keyOf } from '@opcache/sdk'
import { describeFailure } from '../failure/describe-failure.js'
import { descriptorOf } from '../operation/descriptor.js'
import { type Fields, fieldsText } from '../output/fields.js'
import { fitted } from '../output/fitted.js'
import { writeJson } from '../output/json-output.js'
import type { RunReporter } from '../output/run-reporter.js'
import { sizeText } from '../output/size-text.js'
import { writeStandardOutput } from '../output/standard-output.js'
import { openProgressView } from '../progress/open-progress-view.js'
import type { Step, UploadPlan } from './plan-upload.js'

/** What a run of a source would do. */
interface Explanation {
  readonly source: string
  readonly key: EntryKey
  readonly descriptor: Descriptor
  readonly operationVersion: string
  /** `joined`: it is under way. */
  readonly would: 'hit' | 'joined' | 'miss'
  readonly state: EntryDocument['state'] | null
  readonly sizeBytes: number | null
}

const FURTHER = 'The key of what follows is made from this result.'

/** `upload --explain`: tells what each key is made of, and whether it would hit; makes, sends and changes nothing. */
export async function explainAll(
  sources: readonly string[],
  plan: UploadPlan,
  reporter: RunReporter,
): Promise<number> {
  let status = 0
  for (const source of sources) {
    try {
      await explainSource(source, plan)
    } catch (error) {
      const failure = describeFailure(error, { source, operation: plan.flags.op })
      await reporter.failed(source, error, failure)
      status ||= failure.exitStatus
    }
  }
  return status
}

async function explainSource(source: string, plan: UploadPlan): Promise<void> {
  const { steps, runOptions } = plan
  let content = runOptions.resource ? undefined : await contentOf(source, plan)
  for (const [index, step] of steps.entries()) {
    const { explanation, result } = await explainStep(source, content, step, index, plan)
    if (plan.flags.json) await writeJson(plan.flags, 'result', explanation)
    else await writeStandardOutput(await fieldsText(fieldsOf(explanation)))
    if (result !== undefined) {
      content = { id: result.id as ContentId, size: result.size }
    } else if (index < steps.length - 1) {
      if (!plan.flags.json) await writeStandardOutput(await fitted(process.stdout, `${FURTHER}\n`, 0))
      return
    }
  }
}

async function contentOf(
  source: string,
  { flags, session, signal }: UploadPlan,
): Promise<{ id: ContentId; size: number }> {
  const view = await openProgressView({ source }, flags)
  const { onProgress } = view
  try {
    await using identified = await session.cache.identify(source === '-' ? process.stdin : source, {
      signal,
      onProgress,
    })
    return { id: identified.id, size: identified.size }
  } finally {
    view.clear()
  }
}

async function explainStep(
  source: string,
  content: { id: ContentId; size: number } | undefined,
  { request, document }: Step,
  index: number,
  { session, runOptions, signal }: UploadPlan,
) {
  const resource = index === 0 ? runOptions.resource : undefined
  const isOwn = runOptions.user !== undefined || resource !== undefined
  const user = isOwn ? (await session.cache.capabilities({ signal })).caller.user : undefined
  const parts = { operation: request, resource, user, salt: runOptions.salt }
  const descriptor = descriptorOf(content?.id, parts)
  const key = await keyOf(descriptor)
  const entry = await session.cache.status(key, { signal }).catch(error => {
    if (isRequestError(error) && error.code === 'entry-not-found') return undefined
    throw error
  })
  const isCurrent = entry?.operationVersion === document.version && !runOptions.refresh
  const result = isCurrent ? entry?.result : undefined
  const explanation: Explanation = {
    source,
    key,
    descriptor,
    operationVersion: document.version,
    would: result ? 'hit' : entry?.state === 'PROCESSING' ? 'joined' : 'miss',
    state: entry?.state ?? null,
    sizeBytes: content?.size ?? null,
  }
  return { explanation, result }
}

function fieldsOf({ source, key, descriptor, would, ...rest }: Explanation): Fields {
  const { operation, resource, content, user, salt } = descriptor
  const params = Object.entries(operation.params).map(([name, value]) => `${name}=${JSON.stringify(value)}`)
  const state = rest.state === null ? 'no entry' : `entry ${rest.state}`
  return [
    ['source', source === '-' ? 'stdin' : source],
    ['would be', `a ${would} (${state})`],
    ['key', key],
    ['content', content && `${content} (${sizeText(rest.sizeBytes ?? 0)})`],
    ['resource', resource && `${resource.name}@${resource.version}`],
    ['operation', [operation.name, ...params, `(version ${rest.operationVersion})`].join(' ')],
    ['space', user === undefined ? 'shared' : `private, of ${user}`],
    ['salt', salt],
  ]
}
