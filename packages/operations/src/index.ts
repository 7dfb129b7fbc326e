import type { Operation } from '@opcache/server/operation'
import { convert } from './convert/convert.js'
import { csvToJsonl } from './csv-to-jsonl/csv-to-jsonl.js'
import { grep } from './grep/grep.js'
import { resize } from './resize/resize.js'
import { officeToPdf, pdfLayoutText, soundToMp3, trimImage } from './tools/tools.js'

export { convert } from './convert/convert.js'
export type { ConvertParams } from './convert/params.js'
export { csvToJsonl } from './csv-to-jsonl/csv-to-jsonl.js'
export type { CsvToJsonlParams } from './csv-to-jsonl/params.js'
export { grep } from './grep/grep.js'
export type { GrepParams } from './grep/params.js'
export type { ResizeParams } from './resize/params.js'
export { resize } from './resize/resize.js'
export { officeToPdf, pdfLayoutText, soundToMp3, trimImage } from './tools/tools.js'

/** Every operation of this package, to be handed to a server as it is. */
export const operations: readonly Operation[] = [
  convert,
  resize,
  csvToJsonl,
  grep,
  officeToPdf,
  soundToMp3,
  pdfLayoutText,
  trimImage,
]
