import { randomBytes } from 'node:crypto'
import { mkdtemp, open, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** A folder for files and for what the servers store, all on one file system; gone in the end. */
export async function openScratch() {
  const folder = await mkdtemp(join(tmpdir(), 'opcache-bench-'))
  return { folder, close: () => rm(folder, { recursive: true }) }
}

/** Other bytes every time, so that nothing is a hit. */
export async function writeRandom(path, sizeBytes) {
  const handle = await open(path, 'w')
  const block = randomBytes(1 << 20)
  for (let index = 0; index < sizeBytes >> 20; index++) {
    block.writeUInt32LE(index)
    await handle.write(block)
  }
  await handle.close()
}

/** A file of zeros that takes no room, but for some bytes at its end that make it another one. */
export async function writeSparse(path, sizeBytes) {
  const handle = await open(path, 'w')
  await handle.write(randomBytes(16), 0, 16, sizeBytes - 16)
  await handle.close()
}
