// The most memory that a client and a server ever hold while a file of 8 GiB goes from one to the other: the command line
// as it is, then a program of the sdk with eight connections. All are processes of their own.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { peakMib } from './peak.mjs'
import { openScratch, writeSparse } from './scratch.mjs'
import { end, firstLine } from './start-script.mjs'

const sizeBytes = Number(process.argv[2] ?? 8192) * 2 ** 20
const command = fileURLToPath(new URL('../packages/cli/dist/main.cjs', import.meta.url))
const sdkClient = fileURLToPath(new URL('clients/sdk.mjs', import.meta.url))

/** The peak of a process that ends by itself. */
async function peakUntilEnd(child) {
  let peak = 0
  const look = setInterval(async () => {
    peak = Math.max(peak, await peakMib(child.pid).catch(() => 0))
  }, 50)
  const [status] = await once(child, 'exit')
  clearInterval(look)
  if (status !== 0) throw new Error(`The client ended with ${status}.`)
  return peak
}

async function measure(name, startClient) {
  const scratch = await openScratch()
  const file = join(scratch.folder, 'source')
  await writeSparse(file, sizeBytes)
  const serving = ['serve', '--quiet', '--port', '0', '--data', join(scratch.folder, 'data')]
  const server = spawn(process.execPath, [command, ...serving], { stdio: ['ignore', 'pipe', 'inherit'] })
  try {
    const url = await firstLine(server)
    const client = await peakUntilEnd(startClient(url, file, scratch.folder))
    console.log(`${name.padEnd(24)} client ${client} MiB, server ${await peakMib(server.pid)} MiB`)
  } finally {
    await end(server)
    await scratch.close()
  }
}

const run = (...args) => spawn(process.execPath, args, { stdio: ['ignore', 'ignore', 'inherit'] })
await measure('opcache upload', (url, file, folder) => {
  const output = ['-o', join(folder, 'result.gz'), '--quiet']
  return run(command, 'upload', file, '--op', 'gzip', '-p', 'level=1', '--server', url, ...output)
})
await measure('sdk, 8 connections', (url, file) => run(sdkClient, url, file))
