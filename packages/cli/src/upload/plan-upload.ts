import type { Capabilities, OperationDocument } from '@opcache/protocol'
import type { RunOptions } from '@opcache/sdk'
import { parseResource } from '../commands/entry-flags.js'
import { connect, type Session } from '../connection/connect.js'
import {
  findOperation,
  type OperationRequest,
  parseParams,
  withTarget,
} from '../operation/operation-request.js'
import type { OperationStep } from '../operation/operation-steps.js'
import { schemaProperties } from '../operation/schema-properties.js'
import { type Destination, planDestination } from '../output/destination.js'
import { OutputClaims } from '../output/output-claims.js'
import type { Settings } from '../settings/settings.js'
import { assertNamesFree } from './assert-names-free.js'
import type { UploadFlags } from './upload-flags.js'

/** An operation of a command, as the server knows it and as it is asked for. */
export interface Step {
  readonly document: OperationDocument
  readonly request: OperationRequest
}

/** What all sources of one command share. */
export interface UploadPlan {
  readonly flags: UploadFlags
  readonly settings: Settings
  readonly session: Session
  /** At least one. */
  readonly steps: readonly Step[]
  readonly destination: Destination
  readonly claims: OutputClaims
  /** Whether the extension of the output says what a result is to become. */
  readonly isExtensionAsked: boolean
  readonly runOptions: RunOptions
  readonly signal: AbortSignal
}

/** Finds what is wrong with the command before any work. */
export async function planUpload(
  sources: readonly string[],
  flags: UploadFlags,
  settings: Settings,
  signal: AbortSignal,
): Promise<UploadPlan> {
  const { force = false, json = false, output } = flags
  const wanted = [{ name: flags.op, params: flags.param ?? [] }, ...(flags.then ?? [])]
  // What is no parameter at all is found before anybody is asked.
  const requests = wanted.map(({ name, params }) => ({ name, params: parseParams(params) }))
  const resource = parseResource(flags.resource)
  const destination = await planDestination({
    output,
    results: sources.length,
    isPiped: sources.length === 1 && sources[0] === '-' && !process.stdout.isTTY,
    isJson: json,
    force,
  })
  // A key alone is told, so nothing is written.
  if (!flags.detach) await assertNamesFree(sources, requests.at(-1)!, destination, force)
  const session = await connect(flags.rehash ? { ...settings, identityFolder: undefined } : settings)
  try {
    const capabilities = await session.firstContact(signal)
    const steps = planSteps(wanted, capabilities, destination)
    return {
      flags,
      settings,
      session,
      steps,
      destination,
      claims: new OutputClaims(sources.filter(source => source !== '-')),
      isExtensionAsked: schemaProperties(steps.at(-1)!.document.params).has('to'),
      signal,
      runOptions: {
        force,
        salt: flags.salt,
        resource,
        user: flags.private ? capabilities.caller.user : undefined,
        unshared: flags.unique,
        refresh: flags.refresh,
        onlyIfCached: flags.onlyIfCached,
        stream: flags.stream,
        waitTimeoutMs: flags.timeout === undefined ? undefined : flags.timeout * 1000,
      },
    }
  } catch (error) {
    await session[Symbol.asyncDispose]()
    throw error
  }
}

/** The operations of the server that are asked for; what the last one makes is told by the output's name. */
function planSteps(
  wanted: readonly OperationStep[],
  capabilities: Capabilities,
  destination: Destination,
): Step[] {
  const target = destinationName(destination)
  return wanted.map(({ name, params: texts }, index) => {
    const document = findOperation(name, capabilities)
    const params = parseParams(texts, document)
    const isLast = index === wanted.length - 1
    return { document, request: { name, params: isLast ? withTarget(params, document, target) : params } }
  })
}

/** The name whose extension says what a result is to become. */
function destinationName(destination: Destination): string | undefined {
  if (destination.kind === 'file') return destination.path
  return destination.kind === 'template' && !destination.template.endsWith('}')
    ? destination.template
    : undefined
}
