import { InvalidArgumentError } from 'commander'
import { CONNECTIONS_RULE, connectionsOf } from '../settings/connections.js'
import { bytesPerSecondOf, RATE_RULE } from '../settings/rate.js'
import { SECONDS_RULE, secondsOf } from '../settings/seconds.js'
import { bytesOf, SIZE_RULE } from '../settings/size.js'

/** @throws InvalidArgumentError */
export function nonEmpty(text: string): string {
  if (text !== '') return text
  throw new InvalidArgumentError('It must not be empty.')
}

/** @throws InvalidArgumentError */
export function seconds(text: string): number {
  const value = secondsOf(text)
  if (value !== undefined) return value
  throw new InvalidArgumentError(`It is ${SECONDS_RULE}.`)
}

/** @throws InvalidArgumentError */
export function rate(text: string): number {
  const value = bytesPerSecondOf(text)
  if (value !== undefined) return value
  throw new InvalidArgumentError(`It is ${RATE_RULE}.`)
}

/** @throws InvalidArgumentError */
export function connections(text: string): number {
  const value = connectionsOf(text)
  if (value !== undefined) return value
  throw new InvalidArgumentError(`It is ${CONNECTIONS_RULE}.`)
}

/** @throws InvalidArgumentError */
export function port(text: string): number {
  const value = /^\d+$/.test(text) ? Number(text) : Number.NaN
  if (value <= 65_535) return value
  throw new InvalidArgumentError('It is a number from 0 to 65535.')
}

/** @throws InvalidArgumentError */
export function jobs(text: string): number {
  const value = /^\d{1,3}$/.test(text) ? Number(text) : 0
  if (value >= 1 && value <= 256) return value
  throw new InvalidArgumentError('It is a whole number from 1 to 256.')
}

/** @throws InvalidArgumentError */
export function count(text: string): number {
  const value = /^\d{1,9}$/.test(text) ? Number(text) : 0
  if (value >= 1) return value
  throw new InvalidArgumentError('It is a whole number from 1 on.')
}

/** A size in bytes. @throws InvalidArgumentError */
export function bytes(text: string): number {
  const size = bytesOf(text)
  if (size !== undefined) return size
  throw new InvalidArgumentError(`It is ${SIZE_RULE}.`)
}

/** A time, in milliseconds. @throws InvalidArgumentError */
export function duration(text: string): number {
  const [, digits, unit = ''] = /^(\d+(?:\.\d+)?)([smhdw])$/.exec(text) ?? []
  const seconds = { s: 1, m: 60, h: 3600, d: 86_400, w: 604_800 }[unit]
  if (seconds !== undefined) return Number(digits) * seconds * 1000
  throw new InvalidArgumentError('It is a number with s, m, h, d or w, such as 30d.')
}

/** @throws InvalidArgumentError */
export function days(text: string): number {
  const value = /^\d{1,6}$/.test(text) ? Number(text) : 0
  if (value > 0) return value
  throw new InvalidArgumentError('It is a whole number of days, from 1.')
}
