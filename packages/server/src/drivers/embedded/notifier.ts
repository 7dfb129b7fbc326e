import type { Notifier } from '../../ports/notifier.js'
import { TopicListeners } from '../topic-listeners.js'
import type { Processes } from './processes/processes.js'
import type { Records } from './records/records.js'
import type { Tables } from './records/tables.js'
import { warnOnce } from './warn-once.js'

/** Wakes that the ring holds: who looks too late to have seen them all wakes everybody. */
const RING_SLOTS = 4096

/** How often a process with subscribers looks for the wakes of others. */
const POLL_MS = 100

const warn = warnOnce('Wakes do not cross processes, who waits is only slower')

/** Wakes this process at once, and other processes through a ring of topics in the store. */
export class EmbeddedNotifier implements Notifier {
  readonly rereadMs = 5000
  readonly #records: Records
  readonly #processes: Processes
  readonly #listeners = new TopicListeners()
  readonly #unwritten = new Set<string>()
  #seen = 0
  #timer: NodeJS.Timeout | undefined
  #isClosed = false

  constructor(records: Records, processes: Processes) {
    this.#records = records
    this.#processes = processes
  }

  publish(topic: string): void {
    if (this.#isClosed) return
    this.#listeners.wake(topic)
    if (this.#unwritten.size === 0) setImmediate(() => this.#writeWakes().catch(warn))
    this.#unwritten.add(topic)
  }

  subscribe(topic: string, listener: () => void): () => void {
    if (!this.#timer && !this.#isClosed) {
      this.#seen = this.#records.read(({ counters }) => counters.get('wakes') ?? 0)
      this.#timer = setInterval(() => this.#poll(), POLL_MS).unref()
    }
    const remove = this.#listeners.add(topic, listener)
    return () => {
      remove()
      if (this.#listeners.isEmpty) this.#stopPolling()
    }
  }

  /** Hands over what was published and ends. */
  close(): void {
    this.#writeWakes().catch(warn)
    this.#isClosed = true
    this.#stopPolling()
  }

  /** Not awaited by who publishes: a wake is a hint. A process that comes later reads what is there then. */
  async #writeWakes(): Promise<void> {
    const topics = [...this.#unwritten]
    this.#unwritten.clear()
    if (topics.length === 0 || !this.#processes.hasOthers()) return
    await this.#records.change(tables => this.#appendWakes(tables, topics))
  }

  #appendWakes({ counters, wakes }: Tables, topics: readonly string[]): void {
    let sequence = counters.get('wakes') ?? 0
    for (const topic of topics) {
      sequence += 1
      wakes.put(sequence % RING_SLOTS, { sequence, from: this.#processes.self.nonce, topic })
    }
    counters.put('wakes', sequence)
  }

  #poll(): void {
    try {
      this.#records.read(tables => this.#readWakes(tables))
    } catch (error) {
      warn(error)
    }
  }

  #readWakes({ counters, wakes }: Tables): void {
    const last = counters.get('wakes') ?? 0
    const from = this.#seen + 1
    this.#seen = last
    if (last - from >= RING_SLOTS) {
      this.#listeners.wakeAll()
      return
    }
    for (let sequence = from; sequence <= last; sequence++) {
      const wake = wakes.get(sequence % RING_SLOTS)
      if (wake && wake.from !== this.#processes.self.nonce) this.#listeners.wake(wake.topic)
    }
  }

  #stopPolling(): void {
    clearInterval(this.#timer)
    this.#timer = undefined
  }
}
