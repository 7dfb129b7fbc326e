import type { BlockRange } from '@opcache/protocol'
import { expect, test, vi } from 'vitest'
import { StoredBlocks } from '../../../src/engine/contents/stored-blocks.js'

/** A commit that waits until it is let go. */
function heldCommits() {
  const commits: { blocks: readonly BlockRange[]; end: () => void; fail: (error: Error) => void }[] = []
  const commit = (blocks: readonly BlockRange[]) =>
    new Promise<number>((resolve, reject) => {
      const count = commits.length + 1
      commits.push({ blocks, end: () => resolve(count), fail: reject })
    })
  return { commits, commit }
}

const turn = () => new Promise(resolve => setImmediate(resolve))

test('the first block is committed at once, and what is stored meanwhile and after it together', async () => {
  vi.useFakeTimers()
  try {
    const { commits, commit } = heldCommits()
    const stored = new StoredBlocks(commit)
    for (const index of [3, 4]) stored.add(index)
    await vi.advanceTimersByTimeAsync(10_000)
    expect(commits.map(({ blocks }) => blocks)).toEqual([[[3, 1]]])
    commits[0]!.end()
    await vi.advanceTimersByTimeAsync(1)
    stored.add(5)
    expect(commits).toHaveLength(1)
    await vi.advanceTimersByTimeAsync(10_000)
    expect(commits[1]?.blocks).toEqual([
      [4, 1],
      [5, 1],
    ])
    commits[1]!.end()
    await vi.advanceTimersByTimeAsync(10_000)
    stored.add(6)
    expect(commits[2]?.blocks).toEqual([[6, 1]])
    commits[2]!.end()
    expect(await stored.finish()).toBe(3)
    expect(vi.getTimerCount()).toBe(0)
  } finally {
    vi.useRealTimers()
  }
})

test('the end of a part waits for the commit under way and does not wait for others', async () => {
  const { commits, commit } = heldCommits()
  const stored = new StoredBlocks(commit)
  for (const index of [0, 1]) stored.add(index)
  const finished = stored.finish()
  await turn()
  expect(commits).toHaveLength(1)
  commits[0]!.end()
  await turn()
  expect(commits[1]?.blocks).toEqual([[1, 1]])
  commits[1]!.end()
  expect(await finished).toBe(2)
})

test('a part without a new block asks for what stands', async () => {
  const { commits, commit } = heldCommits()
  const finished = new StoredBlocks(commit).finish()
  await turn()
  expect(commits.map(({ blocks }) => blocks)).toEqual([[]])
  commits[0]!.end()
  expect(await finished).toBe(1)
})

test('a commit that fails ends the part', async () => {
  const { commits, commit } = heldCommits()
  const stored = new StoredBlocks(commit)
  stored.add(0)
  commits[0]!.fail(new Error('no room'))
  await turn()
  expect(() => stored.add(1)).toThrow('no room')
  await expect(stored.finish()).rejects.toThrow('no room')
  expect(commits).toHaveLength(1)
})
