import { createHash, randomUUID } from 'node:crypto'
import { mkdir, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import {
  type Blake3,
  type ContentId,
  type ContentIdentity,
  DIGEST_BYTES,
  loadBlake3,
} from '@opcache/protocol'
import type { FileFingerprint } from '../source/file-fingerprint.js'
import type { FileSource } from '../source/file-source.js'

/** Smaller files are hashed in less time than anybody notices. */
const SMALLEST_BYTES = 64 * 2 ** 20

/**
 * The coarsest clock of a file system. Whoever writes to a file within that time of an earlier change may leave all its
 * times as they were; one that was at rest for longer shows every change.
 */
const CLOCK_GRAIN_MS = 2_000

/** Identities that are kept; the ones written longest ago go. */
const MOST_IDENTITIES = 256

/** The format is in the name: files of another one are others. */
const SUFFIX = '.identity-v1'

/**
 * Remembers the identities of large files, one file of its own for each path. What is kept is a hint: one that is
 * missing, damaged, of a changed file or cannot be written costs the time of hashing, and nothing else.
 */
export class IdentityIndex {
  readonly #folder: string

  constructor(folder: string) {
    this.#folder = folder
  }

  /** The identity that a file had when it was last hashed, if it is the same file in the same state. */
  async find({ path, size, fingerprint }: FileSource): Promise<ContentIdentity | undefined> {
    if (size < SMALLEST_BYTES) return undefined
    const kept = await readFile(this.#pathFor(path)).catch(() => undefined)
    return kept && decode(await loadBlake3(), kept, fingerprint)
  }

  /** Keeps the identity of a file whose state was looked at at `locatedAt`, if every later change would show. */
  async keep(
    { path, size, fingerprint }: FileSource,
    identity: ContentIdentity,
    locatedAt: number,
  ): Promise<void> {
    const changedAt = Number(larger(fingerprint.mtimeNs, fingerprint.ctimeNs) / 1_000_000n)
    if (size < SMALLEST_BYTES || changedAt > locatedAt - CLOCK_GRAIN_MS) return
    const target = this.#pathFor(path)
    const unfinished = `${target}.${randomUUID()}`
    try {
      await mkdir(this.#folder, { recursive: true, mode: 0o700 })
      await writeFile(unfinished, encode(await loadBlake3(), identity, fingerprint), { mode: 0o600 })
      await rename(unfinished, target)
      await this.#forgetOldest()
    } catch {
      await rm(unfinished, { force: true }).catch(() => undefined)
    }
  }

  #pathFor(path: string): string {
    return join(this.#folder, createHash('sha256').update(resolve(path)).digest('hex') + SUFFIX)
  }

  async #forgetOldest(): Promise<void> {
    const names = await readdir(this.#folder)
    if (names.length <= MOST_IDENTITIES) return
    const paths = names.map(name => join(this.#folder, name))
    const times = await Promise.all(paths.map(path => stat(path).then(({ mtimeMs }) => mtimeMs)))
    const byAge = paths.toSorted((one, other) => times[paths.indexOf(one)]! - times[paths.indexOf(other)]!)
    for (const path of byAge.slice(0, names.length - MOST_IDENTITIES)) await rm(path, { force: true })
  }
}

/** Its head as a line of JSON, the manifest, and the digest of both: what is damaged is not believed. */
function encode(blake3: Blake3, { id, manifest }: ContentIdentity, fingerprint: FileFingerprint): Uint8Array {
  const head = Buffer.from(`${JSON.stringify({ id, file: stateText(fingerprint) })}\n`)
  const body = Buffer.concat([head, manifest])
  return Buffer.concat([body, blake3.digest(body)])
}

function decode(blake3: Blake3, kept: Buffer, fingerprint: FileFingerprint): ContentIdentity | undefined {
  const body = kept.subarray(0, -DIGEST_BYTES)
  if (Buffer.compare(blake3.digest(body), kept.subarray(body.length)) !== 0) return undefined
  const end = body.indexOf('\n')
  const { id, file } = JSON.parse(body.toString('utf8', 0, end)) as { id: ContentId; file: string }
  if (file !== stateText(fingerprint)) return undefined
  return { id, size: Number(fingerprint.size), manifest: Uint8Array.from(body.subarray(end + 1)) }
}

function stateText({ dev, ino, size, mtimeNs, ctimeNs }: FileFingerprint): string {
  return [dev, ino, size, mtimeNs, ctimeNs].join(' ')
}

function larger(one: bigint, other: bigint): bigint {
  return one > other ? one : other
}
