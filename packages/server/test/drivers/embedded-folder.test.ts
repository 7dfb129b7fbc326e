import { chmod, mkdir, readdir, stat, symlink, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { BLOCK_BYTES } from '@opcache/protocol'
import { expect, it, onTestFinished } from 'vitest'
import { changed, sampleContent, sampleEntry, sampleManifest } from '../../src/contract/samples.js'
import { openEmbeddedDrivers } from '../../src/drivers/embedded/open-embedded-drivers.js'
import type { Drivers } from '../../src/ports/drivers.js'
import { temporaryFolder } from './temporary-folder.js'

it('keeps everything when it is closed', async () => {
  const folder = join(await temporaryFolder(), 'a', 'b')
  const entry = sampleEntry()
  const content = sampleContent(3)
  const first = await open(folder)
  await first.entries.compareAndSet(entry, 0)
  await first.contents.declare(content, sampleManifest(3))
  await first.contents.commitBlocks(content, content.blob, [[1, 1]])
  const writer = await first.blobs.openWriter(content.blob)
  await writer.writeBlock(1, new Uint8Array(BLOCK_BYTES).fill(7))
  await writer.close()
  await first.close()

  const second = await open(folder)
  expect(await second.entries.get(entry.space, entry.key)).toEqual(entry)
  expect(await second.contents.get(content)).toMatchObject({ missingBlocks: 2 })
  expect((await second.contents.blockMap(content, content.blob))?.present()).toEqual([[1, 1]])
  const pieces = await second.blobs.read(content.blob, BLOCK_BYTES, BLOCK_BYTES + 3).toArray()
  expect(Buffer.concat(pieces)).toEqual(Buffer.from([7, 7, 7]))
})

it('waits for what is being written when it is closed, and takes nothing after', async () => {
  const folder = await temporaryFolder()
  const entries = Array.from({ length: 20 }, (_, index) => sampleEntry({ name: `${index}` }))
  const first = await open(folder)
  const writing = entries.map(entry => first.entries.compareAndSet(entry, 0))
  await first.close()
  expect(await Promise.all(writing)).toEqual(entries.map(() => true))
  await expect(first.entries.compareAndSet(sampleEntry({ name: 'late' }), 0)).rejects.toThrow('closed')
  await expect(first.entries.get(entries[0]!.space, entries[0]!.key)).rejects.toThrow('closed')
  first.notifier.publish('late')

  const second = await open(folder)
  for (const entry of entries) expect(await second.entries.get(entry.space, entry.key)).toEqual(entry)
})

it('may be opened several times by one process', async () => {
  const folder = await temporaryFolder()
  const [first, second] = [await open(folder), await open(folder)]
  const entry = sampleEntry()
  await first.entries.compareAndSet(entry, 0)
  expect(await second.entries.get(entry.space, entry.key)).toEqual(entry)
  const woken = new Promise<void>(resolve => second.notifier.subscribe('a', resolve))
  first.notifier.publish('a')
  await woken
  await first.close()
  expect(await second.entries.compareAndSet(changed(entry, { attempt: 1 }), 1)).toBe(true)
})

it('lets nobody but its user into the folder', async () => {
  const folder = join(await temporaryFolder(), 'store')
  const drivers = await open(folder)
  await (await drivers.blobs.openWriter('blob')).close()
  const paths = (await readdir(folder)).map(name => join(folder, name))
  for (const path of [folder, ...paths, drivers.scratchFolder, dirname(drivers.blobs.localPath('blob')!)]) {
    expect((await stat(path)).mode & 0o777, path).toBe(0o700)
  }
  expect((await stat(drivers.blobs.localPath('blob')!)).mode & 0o777).toBe(0o600)
})

it('says that a file is no folder', async () => {
  const file = join(await temporaryFolder(), 'file')
  await writeFile(file, 'bytes')
  await expect(openEmbeddedDrivers({ folder: file })).rejects.toThrow(/is a file. Give the path of a folder/)
  await expect(openEmbeddedDrivers({ folder: join(file, 'x') })).rejects.toThrow(/is a file/)
})

it.skipIf(process.getuid?.() === 0)(
  'says that the folder is not writable (root may write anywhere)',
  async () => {
    const folder = await temporaryFolder()
    await chmod(folder, 0o500)
    await expect(openEmbeddedDrivers({ folder })).rejects.toThrow(/is not writable \(EACCES\)/)
  },
)

it('refuses a store of another format', async () => {
  const folder = await temporaryFolder()
  await mkdir(join(folder, 'records-v2'))
  await expect(openEmbeddedDrivers({ folder })).rejects.toThrow(/format v2 \(records-v2\).*knows v1 only/)
  expect(await readdir(folder)).toEqual(['records-v2'])
})

it.each(['text', 'x'.repeat(10_000)])('refuses records that are something else', async bytes => {
  const folder = await temporaryFolder()
  await mkdir(join(folder, 'records-v1'))
  await writeFile(join(folder, 'records-v1', 'data.mdb'), bytes)
  await expect(openEmbeddedDrivers({ folder })).rejects.toThrow(/damaged or something else/)
})

it.skipIf(process.platform !== 'linux')('says that the disk is full (it takes /dev/full)', async () => {
  const drivers = await open(await temporaryFolder())
  const path = drivers.blobs.localPath('full')!
  await mkdir(dirname(path))
  await symlink('/dev/full', path)
  const writer = await drivers.blobs.openWriter('full')
  await expect(writer.writeBlock(0, new Uint8Array(10))).rejects.toMatchObject({ code: 'storage-full' })
  await writer.close()
})

it('fails to read past the end of what was written', async () => {
  const drivers = await open(await temporaryFolder())
  const writer = await drivers.blobs.openWriter('blob')
  await writer.writeBlock(0, new Uint8Array(10))
  await writer.close()
  await expect(drivers.blobs.read('blob', 5, 11).toArray()).rejects.toThrow(/ends at 10, before 11/)
})

async function open(folder: string): Promise<Drivers> {
  const drivers = await openEmbeddedDrivers({ folder })
  onTestFinished(() => drivers.close())
  return drivers
}
