import { cpus } from 'node:os'

/**
 * Runs each of `tasks` `rounds` times, in turns after one warm-up round, and answers the seconds of each by name. What
 * `beforeTask` and `afterTask` take is not counted.
 */
export async function inTurns(rounds, tasks, { beforeTask, afterTask } = {}) {
  const seconds = Object.fromEntries(Object.keys(tasks).map(name => [name, []]))
  for (let round = 0; round <= rounds; round++) {
    for (const [name, task] of Object.entries(tasks)) {
      await beforeTask?.(name)
      const start = performance.now()
      await task()
      if (round > 0) seconds[name].push((performance.now() - start) / 1000)
      await afterTask?.(name)
    }
  }
  return seconds
}

/** Seconds that the processors of this machine have worked since it started, whoever they worked for. */
export function processorSeconds() {
  return cpus().reduce((sum, { times }) => sum + times.user + times.nice + times.sys + times.irq, 0) / 1000
}

/** Prints each median as a rate, and how many times as fast as it `subject` is. */
export function report(seconds, subject, bytes) {
  const own = median(seconds[subject])
  for (const [name, all] of Object.entries(seconds)) {
    const rate = bytes / median(all) / 1e6
    const ratio = name === subject ? '' : `${subject} is ${(median(all) / own).toFixed(2)} times as fast`
    console.log(`${name.padEnd(32)} ${rate.toFixed(0).padStart(5)} MB/s   ${ratio}`)
  }
}

/** The one in the middle. */
export function median(values) {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)]
}
