import { ink } from './page.mjs'

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
export function drawChart(document, { left, top, width, height }) {
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
export function drawTable(document, { left, top, widths, rows }) {
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
