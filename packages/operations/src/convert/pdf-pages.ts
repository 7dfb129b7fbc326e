import { createCanvas } from '@napi-rs/canvas'
import type { PDFDocumentProxy } from 'pdfjs-dist/legacy/build/pdf.mjs'
import sharp from 'sharp'
import { checkResultSize, encodeAs } from './image-encoding.js'
import type { Converter, ConvertJob } from './job.js'
import { outcomeOf } from './outcome.js'
import { selectPages } from './page-selection.js'
import { withPdf } from './pdf-document.js'
import { type ImageTargetName, targets } from './targets.js'
import { writeAll } from './write-all.js'
import { type ZipEntry, zip } from './zip.js'

/** Pixels per inch, where nobody says. */
const defaultDpi = 150

/** What a PDF document measures in: points, 72 to the inch. */
const pointsPerInch = 72

/**
 * Pages of a PDF document as images on white: one image for `page`, which is the first page where nobody says; a zip of
 * images, named `page-001.png` and so on, for `pages`.
 *
 * @throws OperationError when a page is not there, or would be too large an image.
 */
export const convertPdfToImages: Converter = async job => {
  const { output, params, signal } = job.context
  const to = job.to as ImageTargetName
  return await withPdf(job, async pdf => {
    const selection = selectPages(params, pdf.numPages) ?? { page: 1 }
    if ('page' in selection) {
      const image = await renderPage(job, pdf, selection.page)
      await writeAll(output, [image], signal)
      return outcomeOf(to)
    }
    await writeAll(output, zip(renderPages(job, pdf, selection.pages)), signal)
    return { type: 'application/zip', name: 'result.zip' }
  })
}

async function* renderPages(
  job: ConvertJob,
  pdf: PDFDocumentProxy,
  pages: readonly number[],
): AsyncGenerator<ZipEntry> {
  const { progress, signal } = job.context
  const digits = Math.max(3, String(pdf.numPages).length)
  const { extension } = targets[job.to]
  for (const [index, page] of pages.entries()) {
    signal.throwIfAborted()
    progress({ fraction: index / pages.length, message: `page ${page}, ${index + 1} of ${pages.length}` })
    const bytes = await renderPage(job, pdf, page)
    yield { name: `page-${String(page).padStart(digits, '0')}.${extension}`, bytes }
  }
}

async function renderPage(job: ConvertJob, pdf: PDFDocumentProxy, number: number): Promise<Buffer> {
  const { params, signal } = job.context
  const to = job.to as ImageTargetName
  const dpi = params.dpi ?? defaultDpi
  const page = await pdf.getPage(number)
  const viewport = page.getViewport({ scale: dpi / pointsPerInch })
  const width = Math.max(1, Math.round(viewport.width))
  const height = Math.max(1, Math.round(viewport.height))
  checkResultSize(to, width, height, `give a dpi lower than ${dpi} for page ${number}`)
  const canvas = createCanvas(width, height)
  const task = page.render({ canvas, viewport, background: '#ffffff' } as unknown as Parameters<
    typeof page.render
  >[0])
  const cancel = () => task.cancel()
  signal.addEventListener('abort', cancel, { once: true })
  try {
    await task.promise
  } finally {
    signal.removeEventListener('abort', cancel)
    page.cleanup()
  }
  signal.throwIfAborted()
  const image = sharp(canvas.data(), { raw: { width, height, channels: 4 }, limitInputPixels: false })
  // The page is opaque: nothing is lost with the alpha channel.
  const opaque = image.removeAlpha().withDensity(dpi)
  return await encodeAs(opaque, to, params.quality).toBuffer()
}
