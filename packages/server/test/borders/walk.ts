import { BLOCK_BYTES, type Descriptor, PATHS } from '@opcache/protocol'
import { onTestFinished } from 'vitest'
import type { Caller } from '../../src/engine/caller.js'
import type { Engine } from '../../src/engine/engine.js'
import { openEntry } from '../../src/engine/entries/open-entry.js'
import { createApp } from '../../src/http/create-app.js'
import type { Route } from '../../src/http/route-table.js'
import { Metrics } from '../../src/metrics/metrics.js'
import { startEngine } from '../engine/test-engine.js'
import { type Content, keyOf } from '../support/content.js'
import { countPortCalls, type PortCalls } from '../support/counted-engine.js'
import { type Answer, type Request, send } from '../support/send.js'

/** Something that a request may be about: an entry with its source, and a stream of the same bytes. */
export interface Target {
  readonly key: string
  readonly content: Content
  readonly stream: string
  readonly descriptor: Descriptor
}

export function targetOf(content: Content, rest: Partial<Descriptor> = {}, key?: string): Target {
  const descriptor: Descriptor = {
    v: 1,
    content: content.id,
    operation: { name: 'copy', params: {} },
    ...rest,
  }
  const stream = `u-${content.id.slice(0, 8)}-0000-4000-8000-${content.id.slice(0, 12)}`
  return { key: key ?? keyOf(descriptor), content, stream, descriptor }
}

/** One request of a walk, about whatever target. */
export interface Step {
  readonly what: string
  readonly method: string
  readonly path: (target: Target) => string
  readonly request: (target: Target) => Request
}

/** A server whose callers say in a header who they are, with counters at its ports. */
export class Walked {
  private constructor(
    readonly engine: Engine,
    readonly routes: readonly Route[],
    readonly url: string,
    readonly takeCalls: () => PortCalls,
    private readonly callers: Map<string, Caller>,
  ) {}

  static async start(): Promise<Walked> {
    const started = await startEngine()
    // One and the same on every server: what is compared is what they answer.
    started.time.now = Date.UTC(2030, 0)
    const { engine, takeCalls } = countPortCalls(started.engine)
    const callers = new Map<string, Caller>()
    const { app, routes } = await createApp(engine, {
      metrics: new Metrics(),
      authenticate: async name => callers.get(name ?? '')!,
    })
    onTestFinished(() => app.close())
    const url = await app.listen({ port: 0, host: '127.0.0.1' })
    return new Walked(engine, routes, url, takeCalls, callers)
  }

  /** Sends one step, and answers what can be seen of it from outside and what it cost inside. */
  async take(caller: Caller, step: Step, target: Target): Promise<Seen> {
    this.callers.set('walker', caller)
    this.takeCalls()
    const request = step.request(target)
    const answer = await send(this.url + step.path(target), {
      ...request,
      method: step.method,
      headers: { authorization: 'walker', prefer: 'wait=0', ...request.headers },
    })
    return { status: answer.status, text: visible(answer, target), calls: this.takeCalls() }
  }

  /** Declares, uploads, streams and opens as a caller. */
  async store(caller: Caller, { key, content, stream, descriptor }: Target): Promise<void> {
    const headers = {
      authorization: 'owner',
      ...(descriptor.user === undefined ? {} : { 'opcache-space': 'private' }),
    }
    this.callers.set('owner', caller)
    await send(this.url + PATHS.content(content.id), {
      method: 'PUT',
      headers: { ...headers, 'opcache-content-size': content.size },
      body: content.manifest,
    })
    await send(this.url + PATHS.blocks(content.id, 0), { method: 'PUT', headers, body: content.bytes })
    await send(this.url + PATHS.blocks(stream, 0), {
      method: 'PUT',
      headers: { ...headers, 'opcache-block-digests': Buffer.from(content.manifest).toString('base64') },
      body: content.bytes,
    })
    await openEntry(this.engine, caller, key, { descriptor })
  }
}

/** What a request looked like from outside, and how often which port was asked for it. */
export interface Seen {
  readonly status: number
  readonly text: string
  readonly calls: PortCalls
}

/** All that an answer says, byte by byte, but for the time and for the names that follow from the request's own. */
function visible({ status, headers, body }: Answer, target: Target): string {
  const { date, 'x-request-id': requestId, ...told } = headers
  // What the whole server counts is for admins, and other at every moment.
  const isCounted = String(headers['content-type']).startsWith('text/plain; version=')
  const text = isCounted ? `${status}` : `${status} ${JSON.stringify(told)} ${body.toString('latin1')}`
  const names = [target.key, target.content.id, target.stream, ...(text.match(/[0-9a-f]{64}/g) ?? [])]
  // A malformed name may be a part of any word.
  const isName = (name: string) => name.length > 30
  return [...new Set(names.filter(isName))].reduce(
    (told, name, index) => told.replaceAll(name, `<name ${index}>`),
    text,
  )
}

/** Every route with every body and in every space, about contents and about streams; the walk ends with a parameter that it does not know. */
export function stepsOf(routes: readonly Route[]): Step[] {
  return routes.flatMap(({ url, method }) =>
    SPACES.flatMap(space =>
      SUBJECTS.flatMap(subject =>
        Object.entries(method === 'GET' || method === 'HEAD' ? READING : WRITING).map(([name, shape]) => ({
          what: `${method} ${url} with ${name} of a ${subject}${space ? `, ${space}` : ''}`,
          method,
          path: target => addressOf(url, subject, target),
          request: target => {
            const { headers, ...rest } = shape(target)
            return { ...rest, headers: { ...headers, ...(space ? { 'opcache-space': space } : {}) } }
          },
        })),
      ),
    ),
  )
}

function addressOf(
  url: string,
  subject: (typeof SUBJECTS)[number],
  { key, content, stream }: Target,
): string {
  const id = subject === 'stream' ? stream : content.id
  const values: Record<string, string> = { key, id, first: '0', operation: 'copy' }
  return url.replace(/:(\w+)/g, (_all, name: string) => {
    const value = values[name]
    if (value === undefined) throw new Error(`The walk does not know what to put for ":${name}" in ${url}.`)
    return value
  })
}

const SUBJECTS = ['content', 'stream'] as const

const SPACES = [undefined, 'private'] as const

type Shape = (target: Target) => Request

const JSON_TYPE = { 'content-type': 'application/json' }

const READING: Record<string, Shape> = {
  nothing: () => ({}),
  events: () => ({ headers: { accept: 'text/event-stream' } }),
  'the first byte': () => ({ headers: { range: 'bytes=0-0' } }),
  'its tag': ({ content }) => ({ headers: { 'if-none-match': `"${content.id}"` } }),
}

const WRITING: Record<string, Shape> = {
  nothing: () => ({}),
  'an open': ({ descriptor }) => ({ headers: JSON_TYPE, body: JSON.stringify({ descriptor }) }),
  'another open': ({ content, descriptor: { user, ...rest } }) => ({
    headers: JSON_TYPE,
    body: JSON.stringify({ descriptor: rest, source: content.id }),
  }),
  'a seal': ({ content }) => ({
    headers: JSON_TYPE,
    body: JSON.stringify({ size: content.size, content: content.id }),
  }),
  'its manifest': ({ content }) => ({
    headers: { 'opcache-content-size': content.size },
    body: content.manifest,
  }),
  'its bytes': ({ content }) => ({
    headers: { 'opcache-block-digests': Buffer.from(content.manifest).toString('base64') },
    body: content.bytes,
  }),
  'other bytes under its name': ({ content }) => ({
    headers: { 'opcache-content': content.id },
    body: Buffer.alloc(Math.min(content.size, BLOCK_BYTES), 7),
  }),
}
