import { readdir, readFile } from 'node:fs/promises'

/** Variable of the environment that names the attempt that a process belongs to. */
export const ATTEMPT_VARIABLE = 'OPCACHE_ATTEMPT'

/** How often processes are looked for that began while others were killed. */
const KILL_ROUNDS = 5

const isLinux = process.platform === 'linux'

/** A process and everything that it started, as far as the system tells: nothing but `root` where it is no Linux. */
export async function processTree(root: number): Promise<number[]> {
  const children = isLinux ? await childrenOf(root) : []
  const below = await Promise.all(children.map(processTree))
  return [root, ...below.flat()]
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

/**
 * Kills the process group of `leader` and, on Linux, every process whose environment names `attempt`, whatever group it
 * has made its own.
 */
export async function killTree(leader: number, attempt: string): Promise<void> {
  killGroup(leader)
  await killMarked(attempt)
}

/** For the first process of an attempt: kills, on Linux, all others that belong to it, whatever group they are in. */
export async function killOwnDescendants(): Promise<void> {
  const attempt = process.env[ATTEMPT_VARIABLE]
  if (attempt !== undefined) await killMarked(attempt, process.pid)
}

/** The same, and then its group with itself. */
export async function killOwnTree(): Promise<void> {
  await killOwnDescendants().finally(() => killGroup(process.pid))
}

async function killMarked(attempt: string, spared?: number): Promise<void> {
  for (let round = 0; isLinux && round < KILL_ROUNDS; round++) {
    const left = (await processesOf(attempt)).filter(pid => pid !== spared)
    if (left.length === 0) return
    for (const pid of left) kill(pid)
  }
}

async function processesOf(attempt: string): Promise<number[]> {
  const mark = `${ATTEMPT_VARIABLE}=${attempt}`
  const pids = (await readdir('/proc')).filter(name => /^\d+$/.test(name))
  const marked = await Promise.all(
    pids.map(async pid => ((await readProc(`${pid}/environ`)).split('\0').includes(mark) ? Number(pid) : 0)),
  )
  return marked.filter(pid => pid > 0)
}

async function childrenOf(pid: number): Promise<number[]> {
  const threads = await readdir(`/proc/${pid}/task`).catch(() => [])
  const lists = await Promise.all(threads.map(thread => readProc(`${pid}/task/${thread}/children`)))
  return lists.flatMap(list => list.split(' ').filter(Boolean).map(Number))
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
