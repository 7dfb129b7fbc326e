import PDFDocument from 'pdfkit'

/** A PDF document with these lines of text on each page, and a filled square below them. */
export async function makePdf(
  pages: readonly (readonly string[])[],
  options: PDFKit.PDFDocumentOptions = {},
): Promise<Buffer> {
  const document = new PDFDocument({ size: 'A4', margin: 72, autoFirstPage: false, ...options })
  for (const lines of pages) {
    document.addPage()
    for (const line of lines) document.fillColor('#000000').text(line)
    document.rect(72, 600, 144, 72).fill('#ff0000')
  }
  document.end()
  const chunks: Buffer[] = []
  for await (const chunk of document) chunks.push(chunk as Buffer)
  return Buffer.concat(chunks)
}

/** A document of so many pages, each of which says its number. */
export function makePages(count: number): Promise<Buffer> {
  return makePdf(Array.from({ length: count }, (_, at) => [`This is page ${at + 1}.`]))
}
