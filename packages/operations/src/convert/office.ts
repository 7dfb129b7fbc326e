import { OFFICE_TO_PDF } from '../tools/libreoffice.js'
import { convertWithTool } from './convert-with-tool.js'
import { damaged } from './damaged.js'
import { checkExpandedSize } from './expanded-size.js'
import type { Converter, ConvertJob } from './job.js'

/** Documents of office programs to PDF, by LibreOffice. */
export const convertOffice: Converter = async job => {
  await checkArchive(job)
  return convertWithTool(job, 'input.pdf', (folder, input) =>
    OFFICE_TO_PDF.map(text => text.replaceAll('{folder}', folder).replaceAll('{input}', input)),
  )
}

/** Most formats are zips; what is damaged as one is told so in words of ours, and costs no start of LibreOffice. */
async function checkArchive({ context, head, found }: ConvertJob): Promise<void> {
  if (head.bytes.toString('latin1', 0, 2) !== 'PK') return
  const path = await context.input.path()
  try {
    await checkExpandedSize(path, found.label)
  } catch (error) {
    throw damaged(error, found.label, context.signal, path)
  }
}
