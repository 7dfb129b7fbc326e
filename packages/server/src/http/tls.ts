import { unwatchFile, watchFile } from 'node:fs'
import { readFile } from 'node:fs/promises'
import type { Server } from 'node:http'
import { createSecureContext, Server as TlsServer } from 'node:tls'
import { AuthError } from '../auth/auth-error.js'

/** How often the files are looked at. */
const LOOK_MS = 5_000

/** Where the server's key and certificate are, in PEM. */
export interface TlsOptions {
  /** Path of the private key. */
  readonly key: string
  /** Path of the certificate, with those of its issuers behind it. */
  readonly cert: string
}

/** A key and its certificate, in PEM. */
export interface TlsPair {
  readonly key: string
  readonly cert: string
}

/** Reads a key and its certificate. @throws AuthError when they cannot be used together */
export async function readTlsPair(options: TlsOptions): Promise<TlsPair> {
  try {
    const [key, cert] = await Promise.all([readFile(options.key, 'utf8'), readFile(options.cert, 'utf8')])
    createSecureContext({ key, cert })
    return { key, cert }
  } catch (error) {
    const { key, cert } = options
    throw new AuthError(`TLS cannot use ${key} with ${cert}: ${(error as Error).message}.`, { cause: error })
  }
}

/**
 * Uses a new key and certificate once their files have changed; connections that stand keep theirs. A pair that cannot
 * be used leaves the one before. Answers how to stop looking.
 */
export function followTlsFiles(
  server: Server,
  options: TlsOptions,
  report: (error: unknown, what: string) => void,
): () => void {
  if (!(server instanceof TlsServer)) return () => undefined
  const reload = () =>
    void readTlsPair(options)
      .then(pair => server.setSecureContext(pair))
      .catch((error: unknown) => report(error, 'renewing the certificate; the one before is still used'))
  const paths = [options.key, options.cert]
  // By asking again and again: notices of the system do not come for files that are linked or mounted.
  for (const path of paths) watchFile(path, { interval: LOOK_MS, persistent: false }, reload)
  return () => {
    for (const path of paths) unwatchFile(path, reload)
  }
}
