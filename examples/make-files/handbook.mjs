import PDFDocument from 'pdfkit'
import { drawChart, drawTable } from './chart.mjs'
import { accent, footer, heading, ink, paragraphs, title } from './page.mjs'

const made = new Date('2026-01-15T09:00:00Z')

/** The handbook: a PDF document of five pages with text, a chart, a drawing and a table. */
export async function makeHandbook() {
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
