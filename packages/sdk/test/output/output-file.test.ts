import { chmod, mkdir, readdir, readFile, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { checkOutput, OutputFile } from '../../src/output/output-file.js'
import { scratchFolder } from '../support/scratch.js'

describe('an output is refused before any work', () => {
  test('when its folder is not there', async () => {
    const path = join(await scratchFolder(), 'nowhere', 'out')
    await expect(checkOutput(path, false)).rejects.toMatchObject({ code: 'output-not-writable' })
  })

  test('when its folder is a file', async () => {
    const folder = await scratchFolder()
    await writeFile(join(folder, 'file'), '')
    await expect(checkOutput(join(folder, 'file', 'out'), true)).rejects.toMatchObject({
      code: 'output-not-writable',
    })
  })

  test('when it is a folder, even by force', async () => {
    const folder = await scratchFolder()
    await mkdir(join(folder, 'out'))
    await expect(checkOutput(join(folder, 'out'), true)).rejects.toMatchObject({
      code: 'output-not-writable',
    })
  })

  test('when it is there already, but not by force', async () => {
    const path = join(await scratchFolder(), 'out')
    await writeFile(path, 'before')
    await expect(checkOutput(path, false)).rejects.toMatchObject({
      name: 'OutputError',
      code: 'output-exists',
    })
    await checkOutput(path, true)
  })

  test.skipIf(process.getuid?.() === 0)(
    'when its folder may not be written (root may write everywhere)',
    async () => {
      const folder = await scratchFolder()
      await chmod(folder, 0o500)
      await expect(checkOutput(join(folder, 'out'), false)).rejects.toMatchObject({
        code: 'output-not-writable',
      })
    },
  )
})

test('a file appears when it is published, under its name alone', async () => {
  const folder = await scratchFolder()
  const path = join(folder, 'out')
  const file = await OutputFile.begin(path)
  await file.write(Buffer.from('all'), 0)
  expect(await readdir(folder)).toEqual([expect.stringMatching(/^out\.[0-9a-f]+\.part$/)])
  await file.publish(false)
  expect(await readdir(folder)).toEqual(['out'])
  expect(await readFile(path, 'utf8')).toBe('all')
  expect((await stat(path)).nlink).toBe(1)
})

test('a file that appeared meanwhile is not replaced', async () => {
  const folder = await scratchFolder()
  const path = join(folder, 'out')
  const file = await OutputFile.begin(path)
  await writeFile(path, 'of somebody else')
  await expect(file.publish(false)).rejects.toMatchObject({ code: 'output-exists' })
  await file.discard()
  expect(await readdir(folder)).toEqual(['out'])
  expect(await readFile(path, 'utf8')).toBe('of somebody else')
})

test('by force it is', async () => {
  const path = join(await scratchFolder(), 'out')
  await writeFile(path, 'before')
  const file = await OutputFile.begin(path)
  await file.write(Buffer.from('after'), 0)
  await file.publish(true)
  expect(await readFile(path, 'utf8')).toBe('after')
})

test('a file that is discarded leaves nothing', async () => {
  const folder = await scratchFolder()
  const file = await OutputFile.begin(join(folder, 'out'))
  await file.write(Buffer.from('half'), 0)
  await file.discard()
  expect(await readdir(folder)).toEqual([])
})

test.skipIf(process.platform !== 'linux')('a full disk is told as that', async () => {
  const { unwritable } = await import('../../src/output/unwritable.js')
  const error = await writeFile('/dev/full', 'x').catch(error => error)
  expect(unwritable('/data/out', error)).toMatchObject({ code: 'output-full' })
})
