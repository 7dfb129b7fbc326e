// An upload of a file that the server does not have: hashed, verified and stored by opcache, only stored by its peers. All
// servers are processes of their own, on loopback, and store on one file system. curl is a process as well and its start
// counts (about ten milliseconds); the other clients run in this one.
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { inTurns, median, processorSeconds, report } from './measure.mjs'
import { startNginx } from './peers/nginx.mjs'
import { startOpcache } from './peers/opcache.mjs'
import { startTus } from './peers/tus.mjs'
import { openScratch, writeRandom } from './scratch.mjs'

const sizeBytes = Number(process.argv[2] ?? 1024) << 20
const rounds = Number(process.argv[3] ?? 5)
const scratch = await openScratch()
const file = join(scratch.folder, 'source')
const peers = new Map()
try {
  for (const start of [startOpcache, startNginx, startTus]) {
    try {
      const peer = await start(scratch.folder)
      peers.set(peer.name, peer)
    } catch (error) {
      console.log(`Left out: ${start.name} failed: ${error.message}`)
    }
  }
  const worked = new Map([...peers.keys()].map(name => [name, []]))
  const tasks = [...peers].map(([name, peer]) => [
    name,
    async () => {
      const before = processorSeconds()
      await peer.upload(file)
      worked.get(name).push(processorSeconds() - before)
    },
  ])
  const seconds = await inTurns(rounds, Object.fromEntries(tasks), {
    beforeTask: async () => {
      // Memory of the machine that was not in use lately is slower: all begin with as much that was.
      await writeRandom(`${file}.warm`, sizeBytes)
      await writeRandom(file, sizeBytes)
      await rm(`${file}.warm`)
    },
    afterTask: name => peers.get(name).forget(),
  })
  report(seconds, [...peers.keys()][0], sizeBytes)
  for (const [name, [, ...all]] of worked) {
    const perGib = median(all) / (sizeBytes / 2 ** 30)
    console.log(
      `${name.padEnd(32)} ${perGib.toFixed(1)} s of the processors for a GiB, with whatever else ran`,
    )
  }
} finally {
  for (const peer of peers.values()) await peer.stop()
  await scratch.close()
}
