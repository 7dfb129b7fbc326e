// So many clients that wait for one entry, each on a connection of its own, half of them by long poll and half by events:
// node waiting-clients.mjs URL KEY CLIENTS. Tells when all have asked, and then, in milliseconds, when each was woken.
import { once } from 'node:events'
import { connect } from 'node:net'

const [, , url, key, clients] = process.argv
const { hostname, port } = new URL(url)

/** Connections that are made at a time: fewer than a system lets wait to be accepted. */
const AT_A_TIME = 100

/** What the document of a complete entry has, and that of its source has not. */
const COMPLETE = '"state":"COMPLETE","revision"'

const waiting = []
for (let first = 0; first < clients; first += AT_A_TIME) {
  const wave = Array.from({ length: Math.min(AT_A_TIME, clients - first) }, (_, at) => wait(at % 2 === 0))
  const woken = await Promise.all(wave)
  waiting.push(...woken)
}
process.send({ asked: waiting.length })
process.send({ wokenAt: await Promise.all(waiting.map(({ woken }) => woken)) })
process.disconnect()

/** Asks, and answers how to know when it was woken: undefined for one that was told anything but that the entry is complete. */
async function wait(isPolling) {
  const socket = connect(Number(port), hostname)
  await once(socket, 'connect')
  const how = isPolling ? 'prefer: wait=300' : 'accept: text/event-stream'
  const woken = new Promise(resolve => {
    let told = ''
    socket.on('error', () => resolve())
    socket.on('close', () => resolve())
    socket.on('data', chunk => {
      told += chunk
      if (!told.includes(COMPLETE)) return
      resolve(performance.timeOrigin + performance.now())
      socket.destroy()
    })
  })
  socket.write(`GET /v1/entries/${key} HTTP/1.1\r\nhost: waiting\r\n${how}\r\n\r\n`)
  return { woken }
}
