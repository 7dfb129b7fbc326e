// Makes the files in examples/files: node examples/make-files.mjs [folder]
// Everything in them is made up here, and running it again gives the same bytes.
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import PDFDocument from 'pdfkit'
import sharp from 'sharp'

// 1. Texts

/** Weather stations that do not exist. */
const stations = `station,valley,height_m,opened,sensors,remark
Alder Bridge,Lower Merrow,212,1968-04-01,"rain, wind",on the old toll house
Birch Ledge,Upper Merrow,1340,1974-09-15,"rain, snow, wind",reached on foot only
Copper Weir,Lower Merrow,188,1981-05-20,"rain, level","flooded twice, moved uphill in 1999"
Drifters' Hut,Sorrel,1725,1990-07-03,"snow, wind, sun",
Ember Field,Sorrel,640,1993-03-11,"rain, sun",beside the orchard
Fallow Tarn,Upper Merrow,1510,1997-10-30,"rain, snow, level","called ""the bathtub"" by its keepers"
Gannet Point,Coast,12,2001-02-14,"rain, wind, tide",salt on everything
Heron Locks,Coast,3,2004-06-08,"level, tide",
Ivory Col,Sorrel,2310,2009-08-22,"snow, wind",no power from November to March
Juniper Yard,Lower Merrow,255,2016-01-05,"rain, sun, air",the youngest
`

/** Notes with a bit of everything that Markdown has. */
const notes = `# Field notes on caching work

*What we learned while keeping the results of slow jobs.*

A cache of **bytes** remembers files. A cache of **operations** remembers what was *done* with them: the thumbnail, the
transcript, the page as an image. Asking for the same work twice is then as cheap as asking once.

## Before you start

- [x] Give every input an identity that is made from its bytes alone
- [x] Write down the parameters, all of them, in one canonical form
- [ ] Decide how long a result is kept when nobody asks for it

## Three questions

1. Is the answer the same every time? If not, \`version\` has to grow.
2. Is moving the input slower than doing the work? Then ask first, send later.
3. Who may see the answer? Whoever shows the same bytes.

> The fastest upload is the one that does not happen.

| Input | Operation | First time | Second time |
|---|---|--:|--:|
| a map, 40 MB | tiles | 52 s | 0.1 s |
| a report, 3 MB | text | 1.4 s | 0.1 s |
| a photograph, 4 MB | thumbnail | 0.3 s | 0.1 s |

## In code

\`\`\`js
const key = keyOf({ content: idOf(bytes), operation: { name: 'convert', params: { to: 'txt' } } })
const answer = (await cache.find(key)) ?? (await work(bytes))
\`\`\`

More about the parts is in [three questions](#three-questions). HTML such as <b>this</b> is shown, not obeyed.
`

// 2. The handbook

const ink = '#1f2933'
const accent = '#0f609b'
const made = new Date('2026-01-15T09:00:00Z')

/** The handbook: a PDF document of five pages with text, a chart, a drawing and a table. */
async function makeHandbook() {
  const document = new PDFDocument({
    size: 'A4',
    margins: { top: 80, bottom: 72, left: 72, right: 72 },
    info: {
      Title: 'The Operation Cache Handbook',
      Author: 'The opcache project',
      // The identity of the document is made from these dates, too.
      CreationDate: made,
      ModDate: made,
    },
  })
  const chunks = []
  document.on('data', chunk => chunks.push(chunk))
  const ended = new Promise(resolve => document.on('end', resolve))
  cover(document)
  for (const [index, drawPage] of [whyPage, identityPage, numbersPage, rulesPage].entries()) {
    document.addPage()
    drawPage(document)
    footer(document, index + 2)
  }
  document.end()
  await ended
  return Buffer.concat(chunks)
}

function cover(document) {
  document.rect(0, 0, document.page.width, 330).fill(accent)
  // A shelf of results, some of them taken.
  for (let row = 0; row < 4; row++) {
    for (let column = 0; column < 12; column++) {
      const isTaken = (row * 5 + column * 3) % 7 < 2
      document.roundedRect(72 + column * 38, 60 + row * 38, 30, 30, 4).fill(isTaken ? '#f7c948' : '#186faf')
    }
  }
  document.fillColor('#ffffff').font('Helvetica-Bold').fontSize(34)
  document.text('The Operation Cache', 72, 232).text('Handbook', 72, 272)
  document.fillColor(ink).font('Helvetica').fontSize(15)
  document.text('How not to do the same work twice', 72, 370)
  document.moveDown(2).font('Times-Roman').fontSize(12)
  document.text(
    'A short guide for people who run slow jobs on large files, and for those who wait for them. It explains what an ' +
      'operation cache is, how it tells that two jobs are one, what it saves, and which rules keep its answers right.',
    { lineGap: 4, width: 400 },
  )
  document.moveDown(2).font('Helvetica').fontSize(10).fillColor('#52606d')
  document.text('Five pages. Figures are invented, in order to explain.')
}

function whyPage(document) {
  title(document, '1. Why remember work')
  paragraphs(document, [
    'Most of what computers do for people has been done before, often within the hour and often by the neighbour. A ' +
      'report is turned into text by the person who wrote it, then by the five colleagues who received it, then by the ' +
      'service that indexes it. The bytes are equal every time, and so is the result.',
    'An ordinary cache of files does not help here. It keeps what was fetched, under the name by which it was fetched. ' +
      'An operation cache keeps what was computed, under the name of the computation: these bytes, this operation, ' +
      'these parameters. Who asks the same question gets the same answer, without the wait.',
  ])
  heading(document, 'Ask first, send later')
  paragraphs(document, [
    'The question is small even when the file is large. A client reads its file once, derives an identity of thirty-two ' +
      'bytes from it, and asks with that. If the answer is known, it comes back at once, and not a byte of the file has ' +
      'crossed the network. Only when nobody has asked before is the file sent, in parts that can be sent again one by ' +
      'one if the connection fails.',
    'Three things follow. A repeated request costs what its answer costs. Two people who ask at the same moment share ' +
      'one computation. And a client that loses its connection loses nothing: the work goes on, and the next question ' +
      'finds it.',
  ])
  heading(document, 'When it does not pay')
  paragraphs(document, [
    'Some work is so quick that asking takes longer. Some work has an answer that changes with the time of day. For ' +
      'those, a cache is the wrong tool, and it is better to know that early.',
  ])
}

function identityPage(document) {
  title(document, '2. One file, one identity')
  paragraphs(document, [
    'Names mislead: the same name may hold other bytes tomorrow, and equal bytes travel under many names. Therefore the ' +
      'identity of a file is made from its bytes and from nothing else. The file is cut into blocks of one mebibyte. ' +
      'Every block has a digest of its own, and the sum of what the blocks contribute is the identity of the whole.',
    'A sum has a pleasant property: the order of its terms does not matter. Blocks may be read by several threads, sent ' +
      'over several connections, and arrive in any order, and still the sum comes out the same. What must not be ' +
      'forgotten is that each block counts once.',
  ])
  const top = document.y + 10
  drawBlocks(document, top)
  document.y = top + 176
  heading(document, 'The key of a computation')
  paragraphs(document, [
    'The key under which a result is kept is derived from three things: the identity of the input, the name of the ' +
      'operation, and its parameters in one canonical form, so that it does not matter in which order somebody typed them.',
  ])
  document.font('Courier').fontSize(10).fillColor(accent)
  document.text('key = hash(content id, "convert", {"page":2,"to":"png"})', 90, document.y + 4)
  document.x = 72
}

function drawBlocks(document, top) {
  document.font('Helvetica').fontSize(9)
  for (let index = 0; index < 6; index++) {
    const left = 72 + index * 76
    const width = index === 5 ? 40 : 66
    document.roundedRect(left, top, width, 34, 4).fillAndStroke('#dceefb', accent)
    document.fillColor(ink).text(`block ${index}`, left, top + 12, { width, align: 'center' })
    document
      .moveTo(left + width / 2, top + 34)
      .lineTo(left + width / 2, top + 64)
      .stroke(accent)
    document.circle(left + width / 2, top + 76, 12).fillAndStroke('#f7c948', '#b44d12')
    document.fillColor(ink).text(`d${index}`, left, top + 72, { width, align: 'center' })
    document
      .moveTo(left + width / 2, top + 88)
      .lineTo(297, top + 122)
      .stroke('#9fb3c8')
  }
  document.roundedRect(217, top + 122, 160, 30, 15).fill(accent)
  document.fillColor('#ffffff').font('Helvetica-Bold').fontSize(10)
  document.text('sum = identity', 217, top + 132, { width: 160, align: 'center' })
}

function numbersPage(document) {
  title(document, '3. What it saves')
  paragraphs(document, [
    'A team of forty people was imagined for this chapter. They convert reports, maps and photographs all week. The ' +
      'chart shows how many of their requests were answered from the cache on each day, and how many had to be computed.',
  ])
  const top = document.y + 12
  drawChart(document, { left: 72, top, width: 451, height: 210 })
  document.y = top + 264
  heading(document, 'Where the time goes')
  paragraphs(document, ['Times are in seconds, for one request over an ordinary office connection.'])
  drawTable(document, {
    left: 72,
    top: document.y + 4,
    widths: [151, 100, 100, 100],
    rows: [
      ['Job', 'First time', 'Again', 'Saved'],
      ['Report to text, 3 MB', '1.4', '0.1', '93 %'],
      ['Map to tiles, 40 MB', '52.0', '0.1', '99 %'],
      ['Photograph to webp, 4 MB', '0.9', '0.1', '89 %'],
      ['Table to JSON, 120 MB', '14.5', '0.6', '96 %'],
    ],
  })
}

function rulesPage(document) {
  title(document, '4. Rules that keep answers right')
  const rules = [
    ['Believe bytes, not claims.', 'The server derives every identity itself before it relies on it.'],
    ['Let versions grow.', 'When an operation may give other bytes than before, its version changes.'],
    [
      'Remember failures too, but briefly.',
      'A damaged file is as damaged a minute later. A machine that ran out of space is not.',
    ],
    ['Never show a part as the whole.', 'A result appears when it is complete, and not a moment before.'],
    ['Count each block once.', 'Whoever sends it, and however often.'],
    ['Keep what is being read.', 'Making room must not pull the floor from under somebody.'],
  ]
  for (const [index, [rule, reason]] of rules.entries()) {
    document.fillColor(accent).font('Helvetica-Bold').fontSize(12)
    document.text(`${index + 1}. ${rule}`, { paragraphGap: 2 })
    document.fillColor(ink).font('Times-Roman').fontSize(12).text(reason, { lineGap: 3, indent: 16 })
    document.moveDown(0.8)
  }
  heading(document, 'A last word')
  paragraphs(document, [
    'A cache is a promise: what you get is what you would have got by waiting. Everything in this handbook serves that ' +
      'promise. If you have to choose between a quick answer and a right one, compute it again.',
  ])
}

function title(document, text) {
  document.rect(72, 52, 451, 2).fill(accent)
  document.fillColor(accent).font('Helvetica-Bold').fontSize(22).text(text, 72, 76)
  document.moveDown(0.6)
}

function footer(document, number) {
  // It stands in the margin, where text would otherwise start another page.
  document.page.margins.bottom = 0
  document.fillColor('#52606d').font('Helvetica').fontSize(9)
  document.text(`The Operation Cache Handbook   |   page ${number}`, 72, 790, { width: 451, align: 'right' })
}

function heading(document, text) {
  document.moveDown(0.5)
  document.fillColor(ink).font('Helvetica-Bold').fontSize(14).text(text, 72, document.y)
  document.moveDown(0.3)
}

function paragraphs(document, texts) {
  document.fillColor(ink).font('Times-Roman').fontSize(12)
  for (const text of texts) document.text(text, 72, document.y, { width: 451, lineGap: 3, paragraphGap: 9 })
}

const colors = { hits: '#0f609b', misses: '#f7c948' }

/** Requests of an imagined week: answered from the cache, computed. */
const week = [
  ['Mon', 120, 210],
  ['Tue', 260, 140],
  ['Wed', 340, 95],
  ['Thu', 395, 70],
  ['Fri', 430, 55],
]

/** Draws two bars a day, with a scale beside and a legend below. */
function drawChart(document, { left, top, width, height }) {
  const highest = 500
  const inside = { left: left + 36, width: width - 36 }
  document.font('Helvetica').fontSize(9).lineWidth(0.5)
  for (let value = 0; value <= highest; value += 100) {
    const y = top + height - (value / highest) * height
    document
      .moveTo(inside.left, y)
      .lineTo(inside.left + inside.width, y)
      .stroke(value === 0 ? ink : '#cbd2d9')
    document.fillColor(ink).text(String(value), left, y - 4, { width: 28, align: 'right' })
  }
  const step = inside.width / week.length
  for (const [index, [day, hits, misses]] of week.entries()) {
    const x = inside.left + index * step + step * 0.2
    for (const [at, [kind, value]] of [
      ['hits', hits],
      ['misses', misses],
    ].entries()) {
      const tall = (value / highest) * height
      document.rect(x + at * step * 0.3, top + height - tall, step * 0.28, tall).fill(colors[kind])
    }
    document
      .fillColor(ink)
      .text(day, inside.left + index * step, top + height + 6, { width: step, align: 'center' })
  }
  drawLegend(document, inside.left, top + height + 24)
}

function drawLegend(document, left, top) {
  for (const [index, [kind, words]] of [
    ['hits', 'answered from the cache'],
    ['misses', 'computed'],
  ].entries()) {
    document.rect(left + index * 150, top, 10, 10).fill(colors[kind])
    document.fillColor(ink).text(words, left + index * 150 + 16, top + 1)
  }
}

/** Draws rows of text with lines between them, the first as a header; numbers stand to the right. */
function drawTable(document, { left, top, widths, rows }) {
  const tall = 22
  const wide = widths.reduce((sum, width) => sum + width, 0)
  document.rect(left, top, wide, tall).fill('#dceefb')
  for (const [index, row] of rows.entries()) {
    const y = top + index * tall
    document
      .font(index === 0 ? 'Helvetica-Bold' : 'Helvetica')
      .fontSize(10)
      .fillColor(ink)
    let x = left
    for (const [column, text] of row.entries()) {
      const align = column === 0 ? 'left' : 'right'
      document.text(text, x + 6, y + 7, { width: widths[column] - 12, align, lineBreak: false })
      x += widths[column]
    }
    document
      .moveTo(left, y + tall)
      .lineTo(left + wide, y + tall)
      .lineWidth(0.5)
      .stroke('#9fb3c8')
  }
}

// 3. The landscape

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
async function makeLandscape() {
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

/** A number from 0 to 1 that belongs to a place of a grid, and to nothing else (integer hash, the same everywhere). */
function hash(x, y, seed) {
  let h = Math.imul(x, 0x27d4eb2d) ^ Math.imul(y, 0x165667b1) ^ Math.imul(seed, 0x9e3779b1)
  h = Math.imul(h ^ (h >>> 15), 0x85ebca6b)
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35)
  return ((h ^ (h >>> 16)) >>> 0) / 0xffffffff
}

/** Smooth noise between the places of the grid, 0 to 1. */
function smooth(x, y, seed) {
  const column = Math.floor(x)
  const row = Math.floor(y)
  const across = ease(x - column)
  const down = ease(y - row)
  const top = mix(hash(column, row, seed), hash(column + 1, row, seed), across)
  const bottom = mix(hash(column, row + 1, seed), hash(column + 1, row + 1, seed), across)
  return mix(top, bottom, down)
}

/** Noise of several sizes, each half as strong as the one before, 0 to 1. */
function layered(x, y, seed, layers) {
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
function mix(from, to, share) {
  return from + (to - from) * share
}

function ease(share) {
  return share * share * (3 - 2 * share)
}

// 4. Write them

const folder = process.argv[2] ?? fileURLToPath(new URL('files', import.meta.url))
await mkdir(folder, { recursive: true })

const files = {
  'handbook.pdf': await makeHandbook(),
  'landscape.jpg': await makeLandscape(),
  'notes.md': Buffer.from(notes),
  'stations.csv': Buffer.from(stations),
}
for (const [name, bytes] of Object.entries(files)) {
  await writeFile(join(folder, name), bytes)
  console.log(`${name}: ${bytes.length} bytes`)
}
