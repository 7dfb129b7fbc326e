import type { RunResult } from '@opcache/sdk'
import { describeFailure } from '../failure/describe-failure.js'
import type { Failure } from '../failure/failure.js'
import { printable } from '../failure/printable.js'
import { tellFailure } from '../failure/tell-failure.js'
import { clockMs } from '../process/clock.js'
import { Interrupted } from '../process/interruption.js'
import type { GlobalOptions } from '../settings/settings.js'
import { fitted } from './fitted.js'
import { writeJson } from './json-output.js'
import { sizeText } from './size-text.js'
import { ReaderGone } from './standard-output.js'

/** A run that brought its result to where it was wanted. */
export interface FinishedRun {
  readonly source: string
  readonly result: RunResult
  /** Path of the output, `-` for stdout. */
  readonly output: string
  readonly durationMs: number
}

/** Tells how runs ended: lines on stderr, or with `--json` an object a source on stdout. */
export interface RunReporter {
  done(run: FinishedRun): Promise<void>
  /** An interruption is told once, however many runs it ends; with `--json`, of each. */
  failed(source: string, error: unknown, failure: Failure): Promise<void>
  /** Counts one that was not begun, since another failed; with `--json`, tells it. */
  left(source: string, failure: Failure): Promise<void>
  /** How all of them ended: a line on stderr, an event with `--json-stream`. */
  summary(): Promise<void>
  /** A failure that keeps all sources from being tried. Answers the exit status. */
  failedAll(sources: readonly string[], error: unknown): Promise<number>
}

/** @param write Writes to stderr, beside what is shown there. */
export function runReporter(flags: GlobalOptions, write: (text: string) => void): RunReporter {
  const { json, quiet } = flags
  const counts = { hit: 0, joined: 0, miss: 0, failed: 0, left: 0, uploadedBytes: 0, savedBytes: 0 }
  const startedAt = clockMs()
  return {
    done: async run => {
      counts[run.result.served] += 1
      counts.uploadedBytes += run.result.uploadedBytes
      counts.savedBytes += savedBytes(run.result)
      if (json) await writeJson(flags, 'result', runDocument(run))
      else if (!quiet) write(await fitted(process.stderr, `${printable(runLine(run))}\n`, 2))
    },
    failed: async (source, error, failure) => {
      const isLeft = error instanceof Interrupted
      counts[isLeft ? 'left' : 'failed'] += 1
      if (isLeft && counts.left > 1 && !json) return
      const subject = isLeft && !json ? undefined : source
      await tellFailure(error, failure, flags, subject, write)
    },
    left: async (source, failure) => {
      counts.left += 1
      if (json) await tellFailure(undefined, failure, flags, source)
    },
    summary: async () => {
      const durationMs = Math.round(clockMs() - startedAt)
      if (flags.jsonStream) await writeJson(flags, 'summary', { ...counts, durationMs })
      else if (!json && !quiet) write(await fitted(process.stderr, `${summaryLine(counts, durationMs)}\n`, 2))
    },
    failedAll: async (sources, error) => {
      if (error instanceof ReaderGone) return 0
      const failure = describeFailure(error)
      if (!json) await tellFailure(error, failure, flags)
      else for (const source of sources) await tellFailure(error, failure, flags, source)
      return failure.exitStatus
    },
  }
}

/** `12 files: 9 hits, 2 misses, 1 failed; 1.2 MB uploaded, 8.1 MB saved, 3.1 s` */
function summaryLine(
  { hit, joined, miss, failed, left, uploadedBytes, savedBytes }: Record<Counted, number>,
  durationMs: number,
): string {
  const ended = [
    `${hit} ${hit === 1 ? 'hit' : 'hits'}`,
    ...(joined > 0 ? [`${joined} joined`] : []),
    `${miss} ${miss === 1 ? 'miss' : 'misses'}`,
    ...(failed > 0 ? [`${failed} failed`] : []),
    ...(left > 0 ? [`${left} left`] : []),
  ]
  const total = hit + joined + miss + failed + left
  const sizes = `${sizeText(uploadedBytes)} uploaded, ${sizeText(savedBytes)} saved`
  return `${total} ${total === 1 ? 'file' : 'files'}: ${ended.join(', ')}; ${sizes}, ${(durationMs / 1000).toFixed(1)} s`
}

type Counted = RunResult['served'] | 'failed' | 'left' | 'uploadedBytes' | 'savedBytes'

/** `file.pdf -> file.txt (miss, 1.2 MB uploaded, 0.8 s)` */
function runLine({ source, result, output, durationMs }: FinishedRun): string {
  const { served, uploadedBytes } = result
  const saved = savedBytes(result)
  const told = [
    served,
    `${sizeText(uploadedBytes)} uploaded`,
    ...(saved > 0 ? [`${sizeText(saved)} saved`] : []),
    `${(durationMs / 1000).toFixed(1)} s`,
  ]
  return `${named(source, 'stdin')} -> ${named(output, 'stdout')} (${told.join(', ')})`
}

function named(path: string, stream: string): string {
  return path === '-' ? stream : path
}

function savedBytes({ content, uploadedBytes }: RunResult): number {
  return content === undefined ? 0 : Math.max(0, content.size - uploadedBytes)
}

/** What a program gets to know. */
function runDocument({ source, result, output, durationMs }: FinishedRun) {
  const { served, key, content, uploadedBytes, uploadedBlocks } = result
  return {
    source,
    served,
    key,
    content: content ?? null,
    result: result.result,
    output,
    uploadedBytes,
    uploadedBlocks,
    savedBytes: savedBytes(result),
    durationMs: Math.round(durationMs),
  }
}
