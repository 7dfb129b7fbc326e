// What a pipe that is streamed through gzip costs: how much of its input was sent when the first output came, and the most
// memory that the command and its server ever held. Both are processes of their own (Linux).
import { spawn } from 'node:child_process'
import { randomFillSync } from 'node:crypto'
import { once } from 'node:events'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { peakMib } from './peak.mjs'
import { openScratch } from './scratch.mjs'
import { end, firstLine } from './start-script.mjs'

const MIB = 2 ** 20
const sizeMib = Number(process.argv[2] ?? 1024)
const command = fileURLToPath(new URL('../packages/cli/dist/main.cjs', import.meta.url))

const scratch = await openScratch()
const serving = ['serve', '--quiet', '--port', '0', '--data', join(scratch.folder, 'data')]
const server = spawn(process.execPath, [command, ...serving], { stdio: ['ignore', 'pipe', 'inherit'] })
try {
  const url = await firstLine(server)
  const args = ['upload', '-', '--op', 'gzip', '-p', 'level=1', '--stream', '--quiet', '--server', url]
  const client = spawn(process.execPath, [command, ...args], { stdio: ['pipe', 'pipe', 'inherit'] })
  let outputBytes = 0
  let sentMib = 0
  let sentBefore
  client.stdout.on('data', chunk => {
    sentBefore ??= sentMib
    outputBytes += chunk.length
  })
  const block = randomFillSync(Buffer.alloc(MIB))
  for (; sentMib < sizeMib; sentMib++) {
    block.writeUInt32LE(sentMib)
    // A pipe holds 64 KiB: what was taken has been read by the command.
    await new Promise(resolve => client.stdin.write(Buffer.from(block), resolve))
  }
  const clientPeak = await peakMib(client.pid)
  client.stdin.end()
  const [status] = await once(client, 'exit')
  if (status !== 0) throw new Error(`The command ended with ${status}.`)
  const part = ((100 * sentBefore) / sizeMib).toFixed(2)
  console.log(
    `first output after ${sentBefore} of ${sizeMib} MiB (${part} %), ${Math.round(outputBytes / MIB)} MiB in all`,
  )
  console.log(`the most memory: client ${clientPeak} MiB, server ${await peakMib(server.pid)} MiB`)
} finally {
  await end(server)
  await scratch.close()
}
