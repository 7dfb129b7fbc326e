import type { ProgressEvent } from '@opcache/sdk'
import cliTruncate from 'cli-truncate'
import stringWidth from 'string-width'
import { sizeText } from '../output/size-text.js'
import { estimateText, measureText, movedBytes, phaseTitle, remainingText } from './phase-text.js'

/** What a source is doing, in one line that leaves the last column free: the more room, the more it tells. */
export function progressLine(label: string, event: ProgressEvent, columns: number): string {
  const start = `${shortened(label, columns)}: ${phaseTitle(event)}`
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
  return (
    lines.find(line => stringWidth(line) < columns) ?? fitted(start, columns - 1 - measure.length) + measure
  )
}

/** How much of a whole is done, in ten columns. */
export function drawnBar(fraction: number): string {
  const filled = Math.round(Math.min(1, fraction) * 10)
  return `${'#'.repeat(filled)}${'-'.repeat(10 - filled)}`
}

/** A name that takes a third of the line at most; its end tells more than its middle. */
function shortened(label: string, columns: number): string {
  return cliTruncate(label, Math.max(12, Math.floor(columns / 3)), { position: 'middle' })
}

/** Text in no more columns, of which some characters take two. */
function fitted(text: string, columns: number): string {
  return cliTruncate(text, Math.max(1, columns))
}
