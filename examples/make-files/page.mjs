/** Colours of the handbook. */
export const ink = '#1f2933'
export const accent = '#0f609b'

export function title(document, text) {
  document.rect(72, 52, 451, 2).fill(accent)
  document.fillColor(accent).font('Helvetica-Bold').fontSize(22).text(text, 72, 76)
  document.moveDown(0.6)
}

export function footer(document, number) {
  // It stands in the margin, where text would otherwise start another page.
  document.page.margins.bottom = 0
  document.fillColor('#52606d').font('Helvetica').fontSize(9)
  document.text(`The Operation Cache Handbook   |   page ${number}`, 72, 790, { width: 451, align: 'right' })
}

export function heading(document, text) {
  document.moveDown(0.5)
  document.fillColor(ink).font('Helvetica-Bold').fontSize(14).text(text, 72, document.y)
  document.moveDown(0.3)
}

export function paragraphs(document, texts) {
  document.fillColor(ink).font('Times-Roman').fontSize(12)
  for (const text of texts) document.text(text, 72, document.y, { width: 451, lineGap: 3, paragraphGap: 9 })
}
