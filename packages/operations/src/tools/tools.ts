import { commandOperation, type Operation } from '@opcache/server/operation'
import Type from 'typebox'
import { FFMPEG_READS } from './ffmpeg.js'
import { OFFICE_TO_PDF } from './libreoffice.js'

const none = Type.Object({}, { additionalProperties: false })

const MINUTE_MS = 60_000

/** A document of an office program as PDF, by LibreOffice. */
export const officeToPdf: Operation = commandOperation({
  name: 'office-to-pdf',
  version: '1',
  summary: 'A document, table or presentation of an office program as PDF, by LibreOffice',
  params: none,
  command: OFFICE_TO_PDF,
  output: { file: 'input.pdf', type: 'application/pdf', name: 'result.pdf' },
  limits: { timeoutMs: 5 * MINUTE_MS },
})

/** The sound of an audio or video file as MP3, by ffmpeg. */
export const soundToMp3: Operation = commandOperation({
  name: 'sound-to-mp3',
  version: '1',
  summary: 'The sound of an audio or video file as MP3, by ffmpeg',
  params: Type.Object(
    { kbps: Type.Integer({ minimum: 32, maximum: 320, default: 128, description: 'Kilobits a second' }) },
    { additionalProperties: false },
  ),
  command: [
    'ffmpeg',
    ...FFMPEG_READS,
    '{input}',
    ...['-vn', '-map_metadata', '-1', '-b:a', '{kbps}k', '{output}'],
  ],
  output: { type: 'audio/mpeg', name: 'result.mp3' },
  limits: { timeoutMs: 30 * MINUTE_MS },
})

/** The text of a PDF document as it is laid out, by poppler. */
export const pdfLayoutText: Operation = commandOperation({
  name: 'pdf-layout-text',
  version: '1',
  summary: 'The text of a PDF document as it is laid out on the pages, by poppler',
  params: Type.Object(
    {
      first: Type.Optional(Type.Integer({ minimum: 1, description: 'The first page' })),
      last: Type.Optional(Type.Integer({ minimum: 1, description: 'The last page' })),
    },
    { additionalProperties: false },
  ),
  command: ['pdftotext', '-layout', ['-f', '{first}'], ['-l', '{last}'], '{input}', '{output}'],
  output: { type: 'text/plain; charset=utf-8', name: 'result.txt' },
  limits: { timeoutMs: 5 * MINUTE_MS },
})

/** An image without its border, by ImageMagick. */
export const trimImage: Operation = commandOperation({
  name: 'trim-image',
  version: '1',
  summary: 'An image as PNG without the border of one colour around it, by ImageMagick',
  params: Type.Object(
    {
      from: Type.Union(
        (['png', 'jpeg', 'gif', 'tiff', 'bmp'] as const).map(format => Type.Literal(format)),
        { description: 'What the source is; it is read as nothing else' },
      ),
      fuzz: Type.Integer({
        minimum: 0,
        maximum: 100,
        default: 2,
        description: 'Per cent that colours may differ',
      }),
    },
    { additionalProperties: false },
  ),
  command: [
    'convert',
    ...[
      '-limit',
      'area',
      '200MP',
      '{from}:{input}[0]',
      '-fuzz',
      '{fuzz}%',
      '-trim',
      '+repage',
      '-strip',
      'png:{output}',
    ],
  ],
  output: { type: 'image/png', name: 'result.png' },
  limits: { timeoutMs: 2 * MINUTE_MS },
})
