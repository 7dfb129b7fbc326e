import { setMaxListeners } from 'node:events'

/**
 * Runs `count` workers, each calling the step that it began with until that answers that nothing is left. The first failure stops the
 * others; answers when all have stopped.
 *
 * @throws the first failure; the signal's reason.
 */
export async function runWorkers(
  count: number,
  signal: AbortSignal | undefined,
  begin: (signal: AbortSignal, worker: number) => () => Promise<'go-on' | 'nothing-left'>,
): Promise<void> {
  const stop = new AbortController()
  const both = signal ? AbortSignal.any([signal, stop.signal]) : stop.signal
  // All workers and all their requests listen to it, so many listeners are no leak.
  setMaxListeners(0, both)
  let failure: { error: unknown } | undefined
  const work = async (_: unknown, worker: number) => {
    const step = begin(both, worker)
    try {
      while (!both.aborted && (await step()) === 'go-on');
    } catch (error) {
      // What a stopped worker throws is the stopping itself.
      failure ??= { error }
      stop.abort()
    }
  }
  await Promise.all(Array.from({ length: count }, work))
  signal?.throwIfAborted()
  if (failure) throw failure.error
}
