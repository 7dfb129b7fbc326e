import type { PDFDocumentProxy } from 'pdfjs-dist/legacy/build/pdf.mjs'
import type { Converter, ConvertJob } from './job.js'
import { outcomeOf } from './outcome.js'
import { parsePageRanges } from './page-ranges.js'
import { selectPages } from './page-selection.js'
import { withPdf } from './pdf-document.js'
import { writeAll } from './write-all.js'

/**
 * The text of a PDF document in the order in which it was written, one line per line. Every page ends with a line end,
 * and a form feed stands between pages. A page without text, such as a scan, is empty.
 */
export const convertPdfToText: Converter = async job => {
  const { output, signal } = job.context
  await withPdf(job, pdf => writeAll(output, textOfPages(job, pdf), signal))
  return outcomeOf('txt')
}

async function* textOfPages({ context }: ConvertJob, pdf: PDFDocumentProxy): AsyncGenerator<string> {
  const selection = selectPages(context.params, pdf.numPages) ?? {
    pages: parsePageRanges('all', pdf.numPages),
  }
  const pages = 'page' in selection ? [selection.page] : selection.pages
  for (const [index, page] of pages.entries()) {
    context.signal.throwIfAborted()
    context.progress({ fraction: index / pages.length, message: `page ${page} of ${pdf.numPages}` })
    const text = await textOfPage(pdf, page)
    yield index === 0 ? text : `\f${text}`
  }
}

async function textOfPage(pdf: PDFDocumentProxy, number: number): Promise<string> {
  const page = await pdf.getPage(number)
  const { items } = await page.getTextContent()
  let text = ''
  for (const item of items) {
    if ('str' in item) text += item.hasEOL ? `${item.str}\n` : item.str
  }
  page.cleanup()
  const lines = text.split('\n').map(line => line.trimEnd())
  return `${lines.join('\n').trim()}\n`
}
