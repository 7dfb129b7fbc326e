import { ProtocolError } from '@opcache/protocol'

/** The number that a text writes in digits. @throws ProtocolError `bad-request` that says what it is not */
export function wholeNumber(text: string | undefined, what: string): number {
  const value = text !== undefined && /^\d{1,16}$/.test(text) ? Number(text) : Number.NaN
  if (!Number.isSafeInteger(value)) {
    throw new ProtocolError('bad-request', `${what} is a whole number, not "${text ?? ''}".`)
  }
  return value
}
