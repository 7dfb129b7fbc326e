import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { expandSources } from '../src/sources/expand-sources.js'

let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'opcache-sources-'))
  await mkdir(join(folder, 'deep/empty'), { recursive: true })
  for (const name of ['b.txt', 'a.txt', 'deep/c.txt', '[x].txt', '.hidden'])
    await writeFile(join(folder, name), name)
})
afterAll(() => rm(folder, { recursive: true, force: true }))

const expanded = async (words: string[], isRecursive = false) => {
  const sources = await expandSources(
    words.map(word => join(folder, word)),
    isRecursive,
  )
  return sources.map(source => source.slice(folder.length + 1))
}

describe('the words of a command line', () => {
  test.each([
    [
      ['b.txt', 'a.txt'],
      ['b.txt', 'a.txt'],
    ],
    [['*.txt'], ['[x].txt', 'a.txt', 'b.txt']],
    [
      ['**/*.txt', 'a*'],
      ['[x].txt', 'a.txt', 'b.txt', 'deep/c.txt'],
    ],
    [['{a,b}.txt'], ['a.txt', 'b.txt']],
    // A file of that very name goes before the pattern.
    [['[x].txt'], ['[x].txt']],
    [
      ['*.none', 'nowhere'],
      ['*.none', 'nowhere'],
    ],
    [['deep'], ['deep']],
  ])('%j mean %j', async (words, sources) => {
    expect(await expanded(words)).toEqual(sources)
  })

  test('mean the files of folders, where that is wanted', async () => {
    expect(await expanded(['deep', 'a.txt'], true)).toEqual(['deep/c.txt', 'a.txt'])
    await expect(expanded(['deep/empty'], true)).rejects.toMatchObject({ code: 'usage' })
  })
})
