import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { copyFile, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, onTestFinished, test } from 'vitest'
import { startMock } from '../src/index.js'

const command = fileURLToPath(new URL('../../cli/dist/main.cjs', import.meta.url))
const MIB = 2 ** 20
const SIZE = 48 * MIB

/** Of each connection: the block that was coming, and what was in the buffers of its way. */
const IN_FLIGHT_BYTES = 2 * MIB
const UPLOADS = 6
const PIECE_BYTES = 4 * MIB
const DOWNLOADS = 4

test('a command that is killed in its upload and in its download sends and fetches only what is missing', async () => {
  const mock = await startMock()
  onTestFinished(() => mock.close())
  const folder = await mkdtemp(join(tmpdir(), 'opcache-mock-'))
  onTestFinished(() => rm(folder, { recursive: true, force: true }))
  const source = noise()
  await writeFile(join(folder, 'source.bin'), source)

  const uploading = await start(mock.url, folder, 'source.bin')
  mock.faults.plan({ on: 'part', nth: 4, action: killing(uploading, 3.5 * MIB) })
  expect(await ended(uploading)).toBe('SIGKILL')

  // Somebody else goes on: another home, and a copy of the file in another folder.
  await mkdir(join(folder, 'elsewhere'))
  await copyFile(join(folder, 'source.bin'), join(folder, 'elsewhere', 'copy.bin'))
  const downloading = await start(mock.url, join(folder, 'elsewhere'), 'copy.bin')
  mock.faults.plan({ on: 'result', nth: 9, action: killing(downloading, 1.5 * MIB) })
  expect(await ended(downloading)).toBe('SIGKILL')
  expect(mock.recorder.bodyBytes('part')).toBeLessThanOrEqual(SIZE + UPLOADS * IN_FLIGHT_BYTES)
  const sentBytes = mock.recorder.bodyBytes('part')

  const last = await start(mock.url, join(folder, 'elsewhere'), 'copy.bin')
  expect(await ended(last)).toBe(0)
  expect(mock.faults.pending).toEqual([])
  expect(mock.recorder.bodyBytes('part')).toBe(sentBytes)
  const fetchedBytes = mock.recorder.of('result').reduce((sum, { answerBytes }) => sum + answerBytes, 0)
  // All of it twice would be eight pieces more at least.
  expect(fetchedBytes).toBeLessThanOrEqual(SIZE + DOWNLOADS * PIECE_BYTES)
  expect(mock.runs()).toBe(1)
  expect((await readFile(join(folder, 'elsewhere', 'result.bin'))).equals(source)).toBe(true)
  const left = (await readdir(join(folder, 'elsewhere'))).filter(name => !name.startsWith('home-'))
  expect(left.toSorted()).toEqual(['copy.bin', 'result.bin'])
})

/** Starts the built command in a folder, with a home that nobody had before. */
async function start(server: string, cwd: string, source: string) {
  const home = await mkdtemp(join(cwd, 'home-'))
  const args = [command, '--server', server, 'upload', source, '--op', 'copy', '-o', 'result.bin']
  const child = spawn(process.execPath, args, {
    cwd,
    env: { PATH: process.env.PATH, HOME: home, TMPDIR: home },
    stdio: 'ignore',
  })
  onTestFinished(() => void child.kill('SIGKILL'))
  return child
}

/** The status or the signal that ended a command. */
async function ended(child: Awaited<ReturnType<typeof start>>): Promise<number | string> {
  const [status, signal] = await once(child, 'exit')
  return status ?? signal
}

/** Kills a command once so many bytes of a request have passed. */
function killing(child: Awaited<ReturnType<typeof start>>, afterBytes: number) {
  return { kind: 'act', afterBytes, act: () => void child.kill('SIGKILL') } as const
}

/** Bytes of which no two blocks are alike. */
function noise(): Buffer {
  const bytes = Buffer.alloc(SIZE)
  for (let at = 0; at < SIZE; at += 64) bytes.writeUInt32LE(Math.imul(at + 1, 2654435761) >>> 0, at)
  return bytes
}
