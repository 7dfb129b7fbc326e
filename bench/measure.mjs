/** Runs each of `tasks` `rounds` times, in turns after one warm-up round, and answers the seconds of each by name. */
export async function inTurns(rounds, tasks) {
  const seconds = Object.fromEntries(Object.keys(tasks).map(name => [name, []]))
  for (let round = 0; round <= rounds; round++) {
    for (const [name, task] of Object.entries(tasks)) {
      const start = performance.now()
      await task()
      if (round > 0) seconds[name].push((performance.now() - start) / 1000)
    }
  }
  return seconds
}

/** Prints each median as a rate, and as a multiple of the peer's. */
export function report(seconds, peer, bytes) {
  const peerMedian = median(seconds[peer])
  for (const [name, all] of Object.entries(seconds)) {
    const rate = bytes / median(all) / 1e9
    console.log(
      `${name.padEnd(32)} ${rate.toFixed(2)} GB/s   ${(peerMedian / median(all)).toFixed(2)} x ${peer}`,
    )
  }
}

function median(values) {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)]
}
