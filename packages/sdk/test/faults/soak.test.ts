import { expect, test } from 'vitest'
import { soak } from '../../../../scripts/soak.mjs'

test('clients and servers that are killed at random points lose and damage nothing', async () => {
  const counts = await soak(0.2)
  expect(counts.runs).toBeGreaterThan(0)
  expect(counts).toMatchObject({ lost: 0, corrupt: 0, leftFiles: 0 })
  // A kill costs what was under way: sixteen parts of eight blocks at most, and each of them once.
  const kills = counts.serverKills + counts.clientKills
  expect(counts.blocksSentMoreThanNecessary).toBeLessThanOrEqual(kills * 16 * 8)
}, 90_000)
