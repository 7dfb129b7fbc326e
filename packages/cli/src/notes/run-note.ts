import { uptime } from 'node:os'
import type { UploadFlags } from '../upload/upload-flags.js'

/** How a run stands, as far as its own process said. */
export type NoteState = 'running' | 'interrupted' | 'failed' | 'done'

/** What is remembered of a run, so that lists can name its files, and an interrupted one can be run again. */
export interface RunNote {
  /** The same for the same run again. */
  readonly id: string
  readonly state: NoteState
  /** Folder that the command ran in; the paths start there. */
  readonly cwd: string
  /** As it was typed, `-` for standard input. */
  readonly source: string
  readonly operation: string
  /** Where the result was written to. */
  readonly output?: string | undefined
  readonly key?: string | undefined
  readonly place: NotePlace
  /** RFC 3339. */
  readonly startedAt: string
  readonly updatedAt: string
  readonly pid: number
  /** What it takes to run it again, while that may be wanted. */
  readonly again?: RunAgain | undefined
}

/** The server, or the folder of the embedded one. */
export type NotePlace =
  | { readonly server: string; readonly isOfProject: boolean }
  | { readonly cacheDir: string }

/** The options that decide what a run makes, as they were typed; a token is none of them. */
export interface RunAgain {
  readonly flags: Pick<UploadFlags, (typeof AGAIN_FLAGS)[number]>
  /** The source as it was. */
  readonly sizeBytes?: number | undefined
  readonly modifiedAtMs?: number | undefined
}

export const AGAIN_FLAGS = [
  'op',
  'param',
  'then',
  'output',
  'force',
  'salt',
  'private',
  'resource',
  'unique',
  'refresh',
  'stream',
  'timeout',
] as const satisfies readonly (keyof UploadFlags)[]

/** Whether a run was begun and not ended: it says so itself, or its process is gone. */
export function isInterrupted({ state, pid, startedAt }: RunNote): boolean {
  if (state !== 'running') return state === 'interrupted'
  const bootedAtMs = Date.now() - uptime() * 1000
  return Date.parse(startedAt) < bootedAtMs || !isAlive(pid)
}

function isAlive(pid: number): boolean {
  if (pid === process.pid) return true
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}
