import sharp from 'sharp'
import { hash, layered, mix, smooth } from './noise.mjs'

const width = 3264
const height = 2176
const horizon = 0.62
const sun = { x: 0.7, y: 0.43 }

/** From far to near: where the ridge is, how rough, how large its shapes, and its colours in light and shade. */
const hills = [
  { at: 0.5, rise: 0.2, size: 3.2, lit: [150, 165, 190], dark: [128, 146, 178], haze: 0.55 },
  { at: 0.56, rise: 0.17, size: 4.1, lit: [122, 144, 158], dark: [88, 112, 138], haze: 0.38 },
  { at: 0.65, rise: 0.15, size: 2.7, lit: [108, 132, 96], dark: [58, 84, 80], haze: 0.22 },
  { at: 0.76, rise: 0.13, size: 2.1, lit: [112, 130, 58], dark: [44, 66, 40], haze: 0.08 },
  { at: 0.9, rise: 0.12, size: 1.6, lit: [138, 142, 62], dark: [36, 52, 24], haze: 0 },
]

/** A photograph of no place: an evening sky over five ridges of hills, with the grain of a film. JPEG. */
export async function makeLandscape() {
  const pixels = Buffer.alloc(width * height * 3)
  const ridges = hills.map((hill, index) => ridgeOf(hill, index))
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const color = colorAt(x, y, ridges)
      // Three draws make grain that is denser around its middle.
      const grain = (hash(x, y, 91) + hash(x, y, 92) + hash(x, y, 93) - 1.5) * 17
      const at = (y * width + x) * 3
      for (let channel = 0; channel < 3; channel++) {
        pixels[at + channel] = Math.max(0, Math.min(255, Math.round(color[channel] + grain)))
      }
    }
  }
  return await sharp(pixels, { raw: { width, height, channels: 3 } })
    .jpeg({ quality: 90 })
    .toBuffer()
}

/** Height of a ridge for every column, in pixels from the top. */
function ridgeOf({ at, rise, size }, index) {
  return Float64Array.from({ length: width }, (_, x) => {
    const place = (x / width) * size + index * 7.3
    const shape = layered(place, index, 11 + index * 20, 8)
    return (at - (shape - 0.5) * 2 * rise) * height
  })
}

function colorAt(x, y, ridges) {
  for (let index = hills.length - 1; index >= 0; index--) {
    const depth = y - ridges[index][x]
    if (depth >= 0) return hillColor(hills[index], index, x, y, depth)
  }
  return skyColor(x / width, y / height)
}

function hillColor(hill, index, x, y, depth) {
  // What grows there looks larger the nearer it is.
  const scale = [60, 48, 34, 22, 12][index]
  const growth = layered(x / scale, y / (scale * 0.6), 200 + index * 10, 5)
  const slope = smooth(x / 420, y / 260, 300 + index)
  const light = Math.max(0, Math.min(1, growth * 1.15 - 0.25 + slope * 0.45 - depth / height / 1.6))
  const mist = Math.min(0.85, hill.haze + Math.max(0, depth / height - 0.05) * hill.haze * 3)
  const warm = [236, 200, 170]
  return [0, 1, 2].map(channel => mix(mix(hill.dark[channel], hill.lit[channel], light), warm[channel], mist))
}

function skyColor(across, down) {
  const share = Math.min(1, down / horizon)
  const high = [64, 104, 164]
  const middle = [150, 178, 208]
  const low = [250, 206, 160]
  const blend = share < 0.6 ? [high, middle, share / 0.6] : [middle, low, (share - 0.6) / 0.4]
  const distance = Math.hypot((across - sun.x) * 1.5, down - sun.y)
  const glow =
    Math.exp(-distance * 6) * 0.75 + (distance < 0.028 ? 1 : Math.exp(-(distance - 0.028) * 60) * 0.5)
  const cloud =
    Math.max(0, layered(across * 5 + down * 2, down * 16, 500, 6) - 0.5) * 2.6 * (1 - share * 0.35)
  return [0, 1, 2].map(channel => {
    const clear = mix(blend[0][channel], blend[1][channel], blend[2])
    const clouded = mix(clear, [255, 236, 222][channel], Math.min(0.85, cloud))
    return mix(clouded, [255, 240, 205][channel], Math.min(1, glow))
  })
}
