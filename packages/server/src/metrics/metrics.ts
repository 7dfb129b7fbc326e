import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client'
import type { Engine } from '../engine/engine.js'
import type { ServerEvent } from '../engine/server-event.js'

/** Seconds: from what a hit takes to what a conversion takes. */
const BUCKETS = [0.001, 0.005, 0.025, 0.1, 0.5, 2.5, 10, 60, 300, 1800]

/** What is read at the moment that somebody asks. */
export interface MetricSources {
  readonly engine: Pick<Engine, 'queue' | 'blobs' | 'ledger'>
  /** Requests that are counted while they last. */
  readonly underWay: {
    readonly uploads: { readonly taken: number }
    readonly waits: { readonly taken: number }
  }
  /** Bytes on the line since the start. */
  readonly traffic: { readonly receivedBytes: number; readonly sentBytes: number }
}

/** Counts what happens, for Prometheus. */
export class Metrics {
  readonly #registry = new Registry()
  readonly #attemptStarts = new Map<string, number>()

  readonly #opens = this.#counter('opcache_opens_total', 'Entries opened, by how they were served', [
    'served',
  ])
  readonly #savedBytes = this.#counter(
    'opcache_saved_bytes_total',
    'Bytes of sources that hits had not to work on again',
  )
  readonly #attempts = this.#counter('opcache_attempts_total', 'Attempts that ended', [
    'operation',
    'outcome',
  ])
  readonly #running = new Gauge({
    name: 'opcache_attempts_running',
    help: 'Attempts that run in this process',
    registers: [this.#registry],
  })
  readonly #attemptSeconds = this.#histogram('opcache_attempt_seconds', 'How long attempts ran', [
    'operation',
  ])
  readonly #requests = this.#counter('opcache_requests_total', 'Requests answered', [
    'method',
    'route',
    'status',
  ])
  readonly #requestSeconds = this.#histogram(
    'opcache_request_seconds',
    'How long requests took, waits included',
    ['method', 'route'],
  )

  constructor() {
    collectDefaultMetrics({ register: this.#registry })
  }

  /** Listens to the engine. */
  readonly observe = (event: ServerEvent): void => {
    switch (event.kind) {
      case 'entry-opened':
        this.#opens.inc({ served: event.served })
        this.#savedBytes.inc(event.savedBytes)
        break
      case 'attempt-started':
        this.#attemptStarts.set(`${event.key} ${event.attempt}`, performance.now())
        this.#running.inc()
        break
      case 'attempt-ended':
        this.#attemptEnded(event)
        break
      case 'request-ended': {
        const { method, route = 'none', status, durationMs } = event
        this.#requests.inc({ method, route, status })
        this.#requestSeconds.observe({ method, route }, durationMs / 1000)
      }
    }
  }

  /** Has the state of a server read with every answer. */
  watch({ engine, traffic, underWay }: MetricSources): void {
    const registers = [this.#registry]
    const gauge = (name: string, help: string, read: () => number | Promise<number>) =>
      new Gauge({
        name,
        help,
        registers,
        async collect() {
          this.set(await read())
        },
      })
    gauge('opcache_queue_length', 'Attempts that wait for a worker', () => engine.queue.waiting())
    gauge('opcache_disk_available_bytes', 'Bytes that can still be stored', () =>
      engine.blobs.availableBytes(),
    )
    gauge('opcache_stored_bytes', 'Bytes of sources, results and streams', async () => {
      return (await engine.ledger.usage()).storedBytes
    })
    gauge('opcache_reserved_bytes', 'Bytes that are about to be written', async () => {
      return (await engine.ledger.usage()).reservedBytes
    })
    gauge('opcache_uploads', 'Bodies that are being received', () => underWay.uploads.taken)
    gauge('opcache_waits', 'Requests that wait for an entry', () => underWay.waits.taken)
    const counter = (name: string, help: string, read: () => number) =>
      new Counter({
        name,
        help,
        registers,
        collect() {
          this.reset()
          this.inc(read())
        },
      })
    counter('opcache_received_bytes_total', 'Bytes received on the line', () => traffic.receivedBytes)
    counter('opcache_sent_bytes_total', 'Bytes sent on the line', () => traffic.sentBytes)
  }

  get contentType(): string {
    return this.#registry.contentType
  }

  /** In the text format of Prometheus. */
  text(): Promise<string> {
    return this.#registry.metrics()
  }

  #attemptEnded({ key, attempt, operation, state }: ServerEvent & { kind: 'attempt-ended' }): void {
    const startedAt = this.#attemptStarts.get(`${key} ${attempt}`)
    this.#attemptStarts.delete(`${key} ${attempt}`)
    this.#running.dec()
    this.#attempts.inc({ operation, outcome: state.toLowerCase() })
    if (startedAt !== undefined)
      this.#attemptSeconds.observe({ operation }, (performance.now() - startedAt) / 1000)
  }

  #counter<Label extends string = never>(
    name: string,
    help: string,
    labelNames: readonly Label[] = [],
  ): Counter<Label> {
    return new Counter({ name, help, labelNames, registers: [this.#registry] })
  }

  #histogram<Label extends string>(
    name: string,
    help: string,
    labelNames: readonly Label[],
  ): Histogram<Label> {
    return new Histogram({ name, help, labelNames, buckets: BUCKETS, registers: [this.#registry] })
  }
}
