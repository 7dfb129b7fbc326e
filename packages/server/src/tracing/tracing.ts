import type { EntryKey } from '@opcache/protocol'
import {
  type Context,
  context,
  propagation,
  ROOT_CONTEXT,
  type Span,
  type SpanContext,
  SpanKind,
  SpanStatusCode,
  trace,
} from '@opentelemetry/api'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import type { ServerEvent } from '../engine/server-event.js'

/** Entries whose attempt has not ended: beyond so many, the oldest is forgotten, and its attempt is a trace of its own. */
const MOST_OPENED = 10_000

/**
 * Tells the program's OpenTelemetry of requests and attempts, as spans; without one, nobody. An attempt belongs to the
 * request that opened its entry. Never of queries, headers, bodies and parameters: they may be secret.
 */
export class Tracing {
  readonly #tracer = trace.getTracer('opcache')
  readonly #opened = new Map<EntryKey, SpanContext>()
  readonly #attempts = new Map<string, Span>()

  /** Follows the requests of an application whose routes are not registered yet. */
  follow(app: FastifyInstance): void {
    const contexts = new WeakMap<FastifyRequest, Context>()
    app.addHook('onRequest', async (request, reply) => {
      const { method, routeOptions, headers, id } = request
      const { url: route = 'none' } = routeOptions
      const parent = propagation.extract(ROOT_CONTEXT, headers)
      const attributes = { 'http.request.method': method, 'http.route': route, 'opcache.request_id': id }
      const span = this.#tracer.startSpan(`${method} ${route}`, { kind: SpanKind.SERVER, attributes }, parent)
      reply.raw.once('close', () => {
        span.setAttribute('http.response.status_code', reply.statusCode)
        if (reply.statusCode >= 500) span.setStatus({ code: SpanStatusCode.ERROR })
        span.end()
      })
      contexts.set(request, trace.setSpan(parent, span))
    })
    // Only here: the context would not outlive the wait for a body.
    app.addHook('preHandler', (request, _reply, done) => {
      context.with(contexts.get(request) ?? ROOT_CONTEXT, done)
    })
  }

  /** Listens to the engine. */
  readonly observe = (event: ServerEvent): void => {
    switch (event.kind) {
      case 'entry-opened': {
        const span = trace.getActiveSpan()
        span?.setAttributes({ 'opcache.operation': event.operation, 'opcache.served': event.served })
        if (span && event.served === 'miss') this.#remember(event.key, span.spanContext())
        break
      }
      case 'attempt-started': {
        const { key, attempt, operation } = event
        const opener = this.#opened.get(key)
        const parent = opener ? trace.setSpanContext(ROOT_CONTEXT, opener) : ROOT_CONTEXT
        const attributes = {
          'opcache.operation': operation,
          'opcache.attempt': attempt,
          'opcache.entry': key,
        }
        this.#attempts.set(
          `${key} ${attempt}`,
          this.#tracer.startSpan(`attempt ${operation}`, { attributes }, parent),
        )
        break
      }
      case 'attempt-ended':
        this.#attemptEnded(event)
    }
  }

  #attemptEnded({ key, attempt, state }: ServerEvent & { kind: 'attempt-ended' }): void {
    const name = `${key} ${attempt}`
    const span = this.#attempts.get(name)
    this.#attempts.delete(name)
    if (state === 'COMPLETE' || state === 'FAILED') this.#opened.delete(key)
    span?.setAttribute('opcache.outcome', state.toLowerCase())
    if (state === 'FAILED' || state === 'LOST') span?.setStatus({ code: SpanStatusCode.ERROR })
    span?.end()
  }

  #remember(key: EntryKey, opener: SpanContext): void {
    this.#opened.delete(key)
    this.#opened.set(key, opener)
    const [oldest] = this.#opened.keys()
    if (oldest !== undefined && this.#opened.size > MOST_OPENED) this.#opened.delete(oldest)
  }
}
