import { expect, test } from 'vitest'
import { BLOCKS_IN_FLIGHT, soak } from '../../../../scripts/soak.mjs'

test('clients and servers that are killed in their transfers lose and damage nothing, and repeat only what was in flight', async () => {
  const counts = await soak(0.1)
  expect(counts.runs).toBeGreaterThan(0)
  expect(counts.killsInAll).toBeGreaterThan(0)
  expect(counts).toMatchObject({ lost: 0, corrupt: 0, leftFiles: 0, worstExcessBlocks: 0 })
  expect(counts.blocksSentMoreThanNecessary).toBeLessThanOrEqual(counts.killsInAll * BLOCKS_IN_FLIGHT)
})
