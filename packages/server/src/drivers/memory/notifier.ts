import type { Notifier } from '../../ports/notifier.js'
import { TopicListeners } from '../topic-listeners.js'

/** Wakes within one process, where no wake is lost. */
export class MemoryNotifier implements Notifier {
  readonly rereadMs = 30_000
  readonly #listeners = new TopicListeners()

  publish(topic: string): void {
    this.#listeners.wake(topic)
  }

  subscribe(topic: string, listener: () => void): () => void {
    return this.#listeners.add(topic, listener)
  }
}
