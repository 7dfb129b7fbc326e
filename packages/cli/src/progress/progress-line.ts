import type { ProgressEvent } from '@opcache/sdk'
import { sizeText } from '../output/size-text.js'
import { estimateText, measureText, movedBytes, phaseTitle, remainingText } from './phase-text.js'

/** Text measured in columns, of which some characters take two. */
export type Measuring = Pick<typeof import('./drawing.js'), 'truncated' | 'widthOf'>

/** What a source is doing, in one line that leaves the last column free: the more room, the more it tells. */
export function progressLine(
  label: string,
  event: ProgressEvent,
  columns: number,
  { truncated, widthOf }: Measuring,
): string {
  const fitted = (text: string, room: number) => truncated(text, Math.max(1, room))
  // A name takes a third of the line at most; its end tells more than its middle.
  const name = truncated(label, Math.max(12, Math.floor(columns / 3)), { position: 'middle' })
  const start = `${name}: ${phaseTitle(event)}`
  const measured = measureText(event)
  if (measured === undefined) return fitted(start, columns - 1)
  const estimate = 'bytesPerSecond' in event ? event : {}
  const [pace, remaining] = [estimateText(estimate), remainingText(estimate)]
  const measure = ` ${measured}`
  const moved = movedBytes(event)
  const isBounded = moved?.totalBytes !== undefined
  const bar = isBounded ? ` ${drawnBar(moved.bytes / Math.max(1, moved.totalBytes!))}` : ''
  const sizes = isBounded ? ` ${sizeText(moved.bytes)} of ${sizeText(moved.totalBytes!)}` : ''
  const lines = [
    `${start}${bar}${measure}${sizes}${pace}`,
    `${start}${bar}${measure}${pace}`,
    `${start}${bar}${measure}${remaining}`,
    `${start}${measure}${remaining}`,
    `${start}${measure}`,
  ]
  return lines.find(line => widthOf(line) < columns) ?? fitted(start, columns - 1 - measure.length) + measure
}

/** How much of a whole is done, in ten columns. */
export function drawnBar(fraction: number): string {
  const filled = Math.round(Math.min(1, fraction) * 10)
  return `${'#'.repeat(filled)}${'-'.repeat(10 - filled)}`
}
