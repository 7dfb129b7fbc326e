import { stat } from 'node:fs/promises'
import type { Cache } from '@opcache/server'
import { notUsable } from '../embedded/start-embedded.js'
import { usageError } from '../failure/command-error.js'
import { EXIT } from '../failure/exit-status.js'
import { writeJson } from '../output/json-output.js'
import { sizeText } from '../output/size-text.js'
import { writeStandardOutput } from '../output/standard-output.js'
import { ask } from '../process/ask.js'
import { interruptionSignal } from '../process/interruption.js'
import { type GlobalOptions, loadSettings } from '../settings/settings.js'

export interface PruneFlags extends GlobalOptions {
  /** Bytes. */
  readonly maxSize?: number
  /** Milliseconds. */
  readonly olderThan?: number
}

export interface ClearFlags extends GlobalOptions {
  readonly yes?: boolean
}

const NOTHING = { bytes: 0, contents: 0, entries: 0 }

/** `opcache cache path`: where the cache is that is used without a server. */
export async function cachePath(flags: GlobalOptions): Promise<void> {
  const { cacheDir } = loadSettings(flags)
  if (flags.json) await writeJson(flags, 'result', { path: cacheDir })
  else await writeStandardOutput(`${cacheDir}\n`)
}

/** `opcache cache size`: what it holds. */
export async function cacheSize(flags: GlobalOptions): Promise<void> {
  const usage = await withCache(flags, cache => cache.usage())
  const { bytes, contents, entries } = usage ?? NOTHING
  if (flags.json) await writeJson(flags, 'result', { bytes, contents, entries })
  else await writeStandardOutput(`${sizeText(bytes)} in ${counted(contents, entries)}\n`)
}

/** `opcache cache prune`: forgets what was used least recently. */
export async function cachePrune({ maxSize, olderThan, ...flags }: PruneFlags): Promise<void> {
  if (maxSize === undefined && olderThan === undefined) {
    throw usageError(
      'Nothing says what is to go.',
      'Give --max-size, such as 10G, or --older-than, such as 30d.',
    )
  }
  const options = {
    ...(maxSize !== undefined && { maxBytes: maxSize }),
    ...(olderThan !== undefined && { unusedForMs: olderThan }),
  }
  await tellFreed(flags, await withCache(flags, cache => cache.prune(options)))
}

/** `opcache cache clear`: forgets everything, once the user agreed. */
export async function cacheClear(flags: ClearFlags): Promise<void> {
  if (!flags.yes) await assertAgreed(loadSettings(flags).cacheDir)
  await tellFreed(flags, await withCache(flags, cache => cache.clear()))
}

/** A cache that was never used is not made. */
async function withCache<T>(flags: GlobalOptions, use: (cache: Cache) => Promise<T>): Promise<T | undefined> {
  const { cacheDir } = loadSettings(flags)
  if (!(await stat(cacheDir).catch(() => undefined))) return undefined
  const { openCache } = await import('@opcache/server')
  await using cache = await openCache(cacheDir).catch(error => {
    throw notUsable(cacheDir, error)
  })
  return await use(cache)
}

/** `opcache cache verify`: compares every stored byte with its id. */
export async function cacheVerify(flags: GlobalOptions): Promise<number> {
  const signal = interruptionSignal()
  const verified = await withCache(flags, cache => cache.verify({ signal }))
  const { contents, bytes, damaged } = verified ?? { contents: 0, bytes: 0, damaged: [] }
  if (flags.json) await writeJson(flags, 'result', { contents, bytes, damaged })
  else {
    const lines = damaged.map(({ id, blocks }) =>
      blocks === undefined
        ? `${id}: damaged, and forgotten`
        : `${id}: ${blocks} damaged block(s), missing now`,
    )
    const all = `${contents} ${contents === 1 ? 'content' : 'contents'} checked, ${sizeText(bytes)}`
    const found = damaged.length === 0 ? 'nothing is damaged' : `${damaged.length} damaged`
    await writeStandardOutput(`${[...lines, `${all}: ${found}`].join('\n')}\n`)
  }
  return damaged.length === 0 ? EXIT.ok : EXIT.damaged
}

async function tellFreed(flags: GlobalOptions, freed = NOTHING): Promise<void> {
  const { bytes, contents, entries } = freed
  if (flags.json) return writeJson(flags, 'result', { freedBytes: bytes, contents, entries })
  await writeStandardOutput(`${sizeText(bytes)} freed: ${counted(contents, entries)}\n`)
}

function counted(contents: number, entries: number): string {
  return `${contents} ${contents === 1 ? 'content' : 'contents'}, ${entries} ${entries === 1 ? 'entry' : 'entries'}`
}

async function assertAgreed(cacheDir: string): Promise<void> {
  if (!process.stdin.isTTY || !process.stderr.isTTY) {
    throw usageError('Clearing the cache asks first, and nobody is there to answer.', 'Add --yes.')
  }
  const answer = await ask(`Forget everything in ${cacheDir}? [y/N]`, {
    whenStopped: 'Nothing was cleared.',
  })
  if (!/^y(es)?$/i.test(answer.trim())) throw usageError('Nothing was cleared.', 'Answer y, or add --yes.')
}
