import type { RunResult } from '@opcache/sdk'
import { describeFailure } from '../failure/describe-failure.js'
import type { Failure } from '../failure/failure.js'
import { failureDocument, failureLines, printStack } from '../failure/print-failure.js'
import { printable } from '../failure/printable.js'
import type { GlobalOptions } from '../settings/settings.js'
import { sizeText } from './size-text.js'
import { ReaderGone, writeStandardOutput } from './standard-output.js'

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
  failed(source: string, failure: Failure): Promise<Failure>
  /** A failure that keeps all sources from being tried. Answers the exit status. */
  failedAll(sources: readonly string[], error: unknown): Promise<number>
}

export function runReporter({ json, quiet }: GlobalOptions): RunReporter {
  const failed = async (source: string, failure: Failure) => {
    if (json) await writeJson({ source, error: failureDocument(failure) })
    else process.stderr.write(failureLines(failure, source))
    return failure
  }
  return {
    done: async run => {
      if (json) await writeJson(runDocument(run))
      else if (!quiet) process.stderr.write(`${printable(runLine(run))}\n`)
    },
    failed,
    failedAll: async (sources, error) => {
      if (error instanceof ReaderGone) return 0
      printStack(error)
      const failure = describeFailure(error)
      if (!json) process.stderr.write(failureLines(failure))
      else for (const source of sources) await failed(source, failure)
      return failure.exitStatus
    },
  }
}

/** One JSON object on a line of its own. */
export function writeJson(value: unknown): Promise<void> {
  return writeStandardOutput(`${JSON.stringify(value)}\n`)
}

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
