import { timingSafeEqual } from 'node:crypto'
import type { BigIntStats } from 'node:fs'
import type { Caller } from '../engine/caller.js'
import type { Clock } from '../ports/drivers.js'
import { AuthError } from './auth-error.js'
import { unauthenticated } from './bearer.js'
import { ReloadedFile } from './reloaded-file.js'
import { tokenHash } from './token.js'
import { type KnownToken, parseTokenLines } from './token-line.js'

/** Bits of a file's mode that let others than its owner write. */
const WRITABLE_BY_OTHERS = 0o022

/** The tokens that a file names. It holds their hashes only, so that who reads it can use none. */
export class TokenFile {
  readonly #file: ReloadedFile<readonly KnownToken[]>
  readonly #now: Clock

  private constructor(file: ReloadedFile<readonly KnownToken[]>, now: Clock) {
    this.#file = file
    this.#now = now
  }

  /** @throws AuthError when the file cannot be used */
  static async open(
    path: string,
    now: Clock,
    report: (error: unknown, what: string) => void,
  ): Promise<TokenFile> {
    const parse = (text: string, stat: BigIntStats) => {
      checkWriters(path, stat)
      return parseTokenLines(path, text)
    }
    try {
      return new TokenFile(await ReloadedFile.open({ path, parse, report }), now)
    } catch (error) {
      if (error instanceof AuthError) throw error
      throw new AuthError(`The tokens cannot be read: ${(error as Error).message}.`, { cause: error })
    }
  }

  /** Who holds a token. @throws ProtocolError `unauthenticated` */
  async callerOf(token: string): Promise<Caller> {
    const hash = tokenHash(token)
    let found: KnownToken | undefined
    // All are compared, each in constant time: how long it takes tells nothing of what is there.
    for (const known of await this.#file.current()) {
      if (timingSafeEqual(known.hash, hash)) found = known
    }
    if (!found || found.expiresAt <= this.#now()) throw unauthenticated()
    return found.caller
  }
}

/** Who can write the file can make himself anybody. */
function checkWriters(path: string, { mode }: BigIntStats): void {
  if (process.platform === 'win32' || (Number(mode) & WRITABLE_BY_OTHERS) === 0) return
  throw new AuthError(
    `Others than its owner may write ${path}, and could make themselves anybody: chmod 600 it.`,
  )
}
