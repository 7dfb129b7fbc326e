import { OperationError } from '@opcache/server/operation'
import sharp, { type Metadata, type SharpOptions } from 'sharp'
import { damaged } from './damaged.js'
import { checkResultSize, encodeAs, maxPixels } from './image-encoding.js'
import type { Converter, ConvertJob } from './job.js'
import { outcomeOf } from './outcome.js'
import type { ConvertParams } from './params.js'
import { readBytes } from './read-source.js'
import type { ImageTargetName } from './targets.js'
import { inMegapixels } from './wording.js'
import { writeAll } from './write-all.js'

/** The largest SVG source that is read; libvips refuses larger ones anyway. */
const maxSvgBytes = 10_000_000

/** What a length without a unit means in an SVG image, in pixels per inch. */
const svgDpi = 72

/** The formats whose animation webp can keep. */
const animatedFormats: ReadonlySet<string> = new Set(['gif', 'webp'])

/**
 * An image to another format or size. EXIF orientation is applied, metadata is left out, colours become sRGB. An
 * animation stays one in webp; of anything else with several frames the first is taken.
 *
 * @throws OperationError for damaged images, and for too many pixels in the source or the result.
 */
export const convertImage: Converter = async job => {
  const { context, found } = job
  const to = job.to as ImageTargetName
  context.progress({ message: `converting ${found.label} to ${to}` })
  // An SVG image may name files beside itself. Bytes have no place, so that nothing of the store can get in.
  const isSvg = found.format === 'svg'
  const source = isSvg ? await readBytes(context.input, maxSvgBytes, found.label) : await context.input.path()
  let bytes: Buffer
  try {
    bytes = await render(job, to, source)
  } catch (error) {
    throw damaged(error, found.label, context.signal, typeof source === 'string' ? source : undefined)
  }
  context.signal.throwIfAborted()
  await writeAll(context.output, [bytes], context.signal)
  return outcomeOf(to)
}

async function render(
  { context, found }: ConvertJob,
  to: ImageTargetName,
  source: string | Buffer,
): Promise<Buffer> {
  const { params } = context
  const isSvg = found.format === 'svg'
  const options: SharpOptions = {
    // Damage is a failure; what decoders merely warn of is not.
    failOn: 'error',
    limitInputPixels: maxPixels,
    animated: to === 'webp' && animatedFormats.has(found.format),
  }
  const metadata = await sharp(source, { ...options, limitInputPixels: false }).metadata()
  const size = frameSize(metadata)
  if (!isSvg) checkSourcePixels(found.label, metadata)
  const scale = scaleFor(size, params)
  const pages = options.animated ? (metadata.pages ?? 1) : 1
  const remedy = 'give a smaller width or height'
  checkResultSize(to, Math.round(size.width * scale), Math.round(size.height * scale), remedy)
  checkResultSize('tiff', Math.round(size.width * scale), Math.round(size.height * scale * pages), remedy)
  // Drawn at the size that is wanted, instead of enlarging pixels.
  if (isSvg && scale !== 1) options.density = Math.min(Math.max(svgDpi * scale, 1), 100_000)
  const image = sharp(source, options).autoOrient()
  const { width, height } = params
  const box = { ...(width !== undefined && { width }), ...(height !== undefined && { height }) }
  if (scale !== 1) image.resize({ ...box, fit: 'inside' })
  return await encodeAs(image, to, params.quality).toBuffer()
}

interface Size {
  readonly width: number
  readonly height: number
}

/** Size of a frame, upright. */
function frameSize({ autoOrient, width, height, pageHeight }: Metadata): Size {
  if (pageHeight !== undefined) return { width, height: pageHeight }
  return { width: autoOrient.width || width, height: autoOrient.height || height }
}

function checkSourcePixels(label: string, { width, height }: Metadata): void {
  if (width * height <= maxPixels) return
  throw new OperationError(
    `${label} of ${width} x ${height} pixels is too large to convert: at most ${inMegapixels(maxPixels)} are decoded, all frames together`,
  )
}

/** How much larger the result is; with both sides given it fits inside them. */
function scaleFor(size: Size, { width, height }: ConvertParams): number {
  const scales = [
    ...(width === undefined ? [] : [width / size.width]),
    ...(height === undefined ? [] : [height / size.height]),
  ]
  return scales.length === 0 ? 1 : Math.min(...scales)
}
