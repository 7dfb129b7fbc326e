import { createRequire } from 'node:module'
import { dirname } from 'node:path'
import { OperationError } from '@opcache/server/operation'
import { getDocument, type PDFDocumentProxy, VerbosityLevel } from 'pdfjs-dist/legacy/build/pdf.mjs'
import { damaged } from './damaged.js'
import type { ConvertJob } from './job.js'
import { readBytes } from './read-source.js'

/** The largest PDF document that is read: all of it is held in memory. */
const maxPdfBytes = 512 * 2 ** 20

const pdfjs = dirname(createRequire(import.meta.url).resolve('pdfjs-dist/package.json'))

/** The installed data that pdf.js needs beside its code; it wants each path with a slash at its end. */
const dataPaths = {
  cMapUrl: `${pdfjs}/cmaps/`,
  iccUrl: `${pdfjs}/iccs/`,
  standardFontDataUrl: `${pdfjs}/standard_fonts/`,
  wasmUrl: `${pdfjs}/wasm/`,
}

/**
 * Opens the document, does something with it, and frees it whatever happens.
 *
 * @throws OperationError when the document is damaged, without pages, or wants a password.
 */
export async function withPdf<T>(job: ConvertJob, use: (pdf: PDFDocumentProxy) => Promise<T>): Promise<T> {
  const { input, signal } = job.context
  const bytes = await readBytes(input, maxPdfBytes, job.found.label)
  const task = getDocument({
    ...dataPaths,
    data: new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength),
    cMapPacked: true,
    // Results must not depend on what is installed on a machine, nor on code that a document brings.
    useSystemFonts: false,
    disableFontFace: true,
    isEvalSupported: false,
    enableXfa: false,
    verbosity: VerbosityLevel.ERRORS,
  })
  try {
    const pdf = await task.promise
    if (pdf.numPages === 0) throw new OperationError('the PDF document has no pages')
    return await use(pdf)
  } catch (error) {
    if (isPasswordWanted(error)) {
      throw new OperationError(
        'the PDF document is protected by a password and cannot be read: remove the protection before converting it',
        { cause: error },
      )
    }
    throw damaged(error, job.found.label, signal)
  } finally {
    await task.destroy()
  }
}

function isPasswordWanted(error: unknown): boolean {
  return error instanceof Error && error.name === 'PasswordException'
}
