import { createRequire } from 'node:module'
import { defineOperation, type Operation } from '@opcache/server/operation'
import { convertParams } from './params.js'

const require = createRequire(import.meta.url)

/**
 * Converts images, PDF and office documents, sound, video, CSV, JSON and Markdown; the README has the table of what becomes what.
 *
 * Only the declaration is here: what does the work is loaded by the process that runs it.
 */
export const convert: Operation = defineOperation({
  name: 'convert',
  version: '2',
  summary:
    'Converts images, documents, sound, video, CSV, JSON and Markdown; what the source is, is told from its bytes.',
  params: convertParams,
  streaming: false,
  tools: ['soffice', 'ffmpeg'],
  limits: { memoryBytes: 4 * 2 ** 30 },
  // Resolved when asked for, so that the declaration can be read before the package is built.
  get module() {
    return require.resolve('#convert-run')
  },
})
