import { NotOpcacheError } from '../errors/not-opcache-error.js'
import type { OpcacheError } from '../errors/opcache-error.js'
import { ServerUnreachableError } from '../errors/server-unreachable-error.js'
import type { ConnectionLost } from './connection-lost.js'

const UNTRUSTED =
  /^(CERT_|DEPTH_ZERO_SELF_SIGNED_CERT|SELF_SIGNED_CERT|UNABLE_TO_|ERR_TLS_CERT|HOSTNAME_MISMATCH)/
const OTHER_LANGUAGE = /^(HPE_|EPROTO$|ERR_SSL_WRONG_VERSION_NUMBER)/

const ADVICE_ON_TRUST =
  'Its certificate is not trusted here: check the address and the clock, or name the file of its own CA in NODE_EXTRA_CA_CERTS.'

/** The error to throw at once where a lost connection would be lost again, whenever it is tried. */
export function permanentLoss(lost: ConnectionLost, url: string): OpcacheError | undefined {
  const code = codeOf(lost.cause)
  if (OTHER_LANGUAGE.test(code)) return new NotOpcacheError(url, lost.cause)
  if (UNTRUSTED.test(code)) return new ServerUnreachableError(url, lost.message, lost.cause, ADVICE_ON_TRUST)
  return undefined
}

function codeOf(cause: unknown): string {
  return typeof cause === 'object' && cause !== null && 'code' in cause ? String(cause.code) : ''
}
