/** A number from 0 to 1 that belongs to a place of a grid, and to nothing else (integer hash, the same everywhere). */
export function hash(x, y, seed) {
  let h = Math.imul(x, 0x27d4eb2d) ^ Math.imul(y, 0x165667b1) ^ Math.imul(seed, 0x9e3779b1)
  h = Math.imul(h ^ (h >>> 15), 0x85ebca6b)
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35)
  return ((h ^ (h >>> 16)) >>> 0) / 0xffffffff
}

/** Smooth noise between the places of the grid, 0 to 1. */
export function smooth(x, y, seed) {
  const column = Math.floor(x)
  const row = Math.floor(y)
  const across = ease(x - column)
  const down = ease(y - row)
  const top = mix(hash(column, row, seed), hash(column + 1, row, seed), across)
  const bottom = mix(hash(column, row + 1, seed), hash(column + 1, row + 1, seed), across)
  return mix(top, bottom, down)
}

/** Noise of several sizes, each half as strong as the one before, 0 to 1. */
export function layered(x, y, seed, layers) {
  let sum = 0
  let strength = 0.5
  let total = 0
  for (let layer = 0; layer < layers; layer++) {
    sum += strength * smooth(x, y, seed + layer)
    total += strength
    strength /= 2
    x *= 2
    y *= 2
  }
  return sum / total
}

/** From one number to another. */
export function mix(from, to, share) {
  return from + (to - from) * share
}

export function ease(share) {
  return share * share * (3 - 2 * share)
}
