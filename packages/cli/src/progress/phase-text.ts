import type { Estimate, ProgressEvent } from '@opcache/sdk'
import { printable } from '../failure/printable.js'
import { sizeText } from '../output/size-text.js'

/** What is going on, in a few words; how far it is, is told apart. */
export function phaseTitle(event: ProgressEvent): string {
  switch (event.phase) {
    case 'waiting-for-connection':
      return `waiting for the server, next try in ${Math.ceil(event.retryInMs / 1000)} s`
    case 'processing':
      return event.message === undefined ? 'processing' : printable(event.message)
    default:
      return event.phase
  }
}

/** How far it is: `45%`, `2.1 MB` where the end is not known, nothing where there is no measure. */
export function measureText(event: ProgressEvent): string | undefined {
  if (event.phase === 'processing') return event.fraction === undefined ? undefined : percent(event.fraction)
  const moved = movedBytes(event)
  if (!moved) return undefined
  const { bytes, totalBytes } = moved
  return totalBytes === undefined ? sizeText(bytes) : percent(totalBytes === 0 ? 1 : bytes / totalBytes)
}

/** The bytes that an event measures in, where it does. */
export function movedBytes(
  event: ProgressEvent,
): { bytes: number; totalBytes: number | undefined } | undefined {
  switch (event.phase) {
    case 'hashing':
      return { bytes: event.bytes, totalBytes: event.totalBytes }
    case 'uploading':
      return { bytes: event.sentBytes + event.skippedBytes, totalBytes: event.totalBytes }
    case 'downloading':
      return { bytes: event.bytes, totalBytes: event.totalBytes }
    default:
      return undefined
  }
}

/** `, 2.1 MB/s, 1:05 left`, as far as it is known. */
export function estimateText(estimate: Estimate): string {
  const remaining = remainingText(estimate)
  return remaining === '' ? '' : `, ${sizeText(estimate.bytesPerSecond!)}/s${remaining}`
}

/** `, 1:05 left`, where the pace is known. */
export function remainingText({ bytesPerSecond, remainingMs }: Estimate): string {
  if (bytesPerSecond === undefined || remainingMs === undefined) return ''
  const seconds = Math.ceil(remainingMs / 1000)
  const [hours, minutes] = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60]
  const twoDigits = (value: number) => String(value).padStart(2, '0')
  const time = hours > 0 ? `${hours}:${twoDigits(minutes)}` : String(minutes)
  return `, ${time}:${twoDigits(seconds % 60)} left`
}

function percent(fraction: number): string {
  return `${Math.floor(fraction * 100)}%`
}
