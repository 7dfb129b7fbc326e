import { OFFICE_TO_PDF } from '../tools/libreoffice.js'
import { convertWithTool } from './convert-with-tool.js'
import type { Converter } from './job.js'

/** Documents of office programs to PDF, by LibreOffice. */
export const convertOffice: Converter = job =>
  convertWithTool(job, 'input.pdf', (folder, input) =>
    OFFICE_TO_PDF.map(text => text.replaceAll('{folder}', folder).replaceAll('{input}', input)),
  )
