import { readdirSync } from 'node:fs'
import { readdir, readFile } from 'node:fs/promises'

/** Variable of the environment that names the attempt that a process belongs to. */
export const ATTEMPT_VARIABLE = 'OPCACHE_ATTEMPT'

/** How often processes are looked for that began while others were killed. */
const KILL_ROUNDS = 20

const isLinux = process.platform === 'linux'

/**
 * An attempt as the system knows it: the session that its first process leads, and the name that the environment of
 * every process in it has. Parents tell nothing: who lost his belongs to the first process of the machine.
 */
export interface AttemptMarks {
  readonly leader: number
  readonly attempt: string
}

/** Finds the processes of an attempt again and again; none where it is no Linux. */
export class AttemptProcesses {
  readonly #marks: AttemptMarks
  /** Processes that belong to others. Who was there before the attempt does. */
  #others: ReadonlySet<number>

  /** To be made as soon as the first process is there. */
  constructor(marks: AttemptMarks) {
    this.#marks = marks
    this.#others = new Set(isLinux ? pidsOf(readdirSync('/proc')) : [])
  }

  /** The first process and those beside it, of which no more than `most` are looked for. */
  async find(most: number): Promise<number[]> {
    const { leader } = this.#marks
    const found = [leader]
    const others = new Set<number>()
    for (const pid of await allPids()) {
      if (found.length > most) return found
      if (pid === leader) continue
      if (!this.#others.has(pid) && (await belongs(pid, this.#marks))) found.push(pid)
      else others.add(pid)
    }
    this.#others = others
    return found
  }
}

/** The memory that processes have for themselves, in bytes. */
export async function memoryOf(processes: readonly number[]): Promise<number> {
  const all = await Promise.all(processes.map(async pid => readProc(`${pid}/status`)))
  return all.reduce((sum, status) => sum + Number(/^RssAnon:\s*(\d+) kB$/m.exec(status)?.[1] ?? 0) * 1024, 0)
}

/** Kills what is left of the process group of `leader`. */
export function killGroup(leader: number): void {
  kill(process.platform === 'win32' ? leader : -leader)
}

/** Kills the first process of an attempt with its group and, on Linux, all others of the attempt. */
export async function killTree(marks: AttemptMarks): Promise<void> {
  killGroup(marks.leader)
  await killMarked(marks)
}

/** For the first process of an attempt: kills, on Linux, all others that belong to it, whatever group they are in. */
export async function killOwnDescendants(): Promise<void> {
  const attempt = process.env[ATTEMPT_VARIABLE]
  if (attempt !== undefined) await killMarked({ leader: process.pid, attempt }, process.pid)
}

/** The same, and then its group with itself. */
export async function killOwnTree(): Promise<void> {
  await killOwnDescendants().finally(() => killGroup(process.pid))
}

async function killMarked(marks: AttemptMarks, spared?: number): Promise<void> {
  for (let round = 0; round < KILL_ROUNDS; round++) {
    const pids = (await allPids()).filter(pid => pid !== spared)
    const isLeft = await Promise.all(pids.map(pid => belongs(pid, marks)))
    const left = pids.filter((_, index) => isLeft[index])
    if (left.length === 0) return
    for (const pid of left) kill(pid)
  }
}

/** Whether a process runs and is one of an attempt. */
async function belongs(pid: number, { leader, attempt }: AttemptMarks): Promise<boolean> {
  const [state, , , session] = await statusOf(pid)
  // Who has ended is there until somebody asks how.
  if (state === undefined || state === 'Z' || state === 'X') return false
  if (session === String(leader)) return true
  return (await readProc(`${pid}/environ`)).split('\0').includes(`${ATTEMPT_VARIABLE}=${attempt}`)
}

/** State, parent, group and session of a process; they stand behind its name, which may hold anything (proc(5)). */
async function statusOf(pid: number): Promise<string[]> {
  const stat = await readProc(`${pid}/stat`)
  return stat
    .slice(stat.lastIndexOf(')') + 2)
    .split(' ', 4)
    .filter(Boolean)
}

async function allPids(): Promise<number[]> {
  return isLinux ? pidsOf(await readdir('/proc')) : []
}

function pidsOf(names: readonly string[]): number[] {
  return names.filter(name => /^\d+$/.test(name)).map(Number)
}

/** Empty when the process is gone, or is somebody else's. */
function readProc(path: string): Promise<string> {
  return readFile(`/proc/${path}`, 'utf8').catch(() => '')
}

function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL')
  } catch {
    // It has ended already.
  }
}
