import { randomUUID } from 'node:crypto'
import { readFileSync, readlinkSync } from 'node:fs'
import { hostname } from 'node:os'

/** Tells the processes that share a store apart, also when an operating system uses a process id again. */
export interface WorkerIdentity {
  /** Where `pid` means something: a boot of a machine and its namespace of process ids. */
  readonly machine: string
  readonly pid: number
  /** When the process started, in ticks since the boot; 0 where nobody knows. */
  readonly start: number
  /** Random: one process may open a store several times. */
  readonly nonce: string
}

/** A new identity for one opening of a store by this process. */
export function newWorkerIdentity(): WorkerIdentity {
  return {
    machine: thisMachine(),
    pid: process.pid,
    start: processState(process.pid)?.start ?? 0,
    nonce: randomUUID(),
  }
}

/** Whether both are this process or the same other one. */
export function isSameProcess(a: WorkerIdentity, b: WorkerIdentity): boolean {
  return a.machine === b.machine && a.pid === b.pid && a.start === b.start
}

/** Whether the process is certainly gone. False when nobody can know, as for a process of another machine. */
export function isKnownDead(worker: WorkerIdentity): boolean {
  if (worker.machine !== thisMachine()) return false
  const state = processState(worker.pid)
  if (state) return !state.isAlive || state.start !== worker.start
  return !existsProcess(worker.pid)
}

/** The boot of this machine, or its name where boots cannot be told apart. */
export function thisBoot(): string {
  return bootOf(thisMachine())
}

/** Whether it belongs to the boot that this process belongs to. */
export function isOfThisBoot(worker: WorkerIdentity): boolean {
  return bootOf(worker.machine) === thisBoot()
}

let machine: string | undefined

function thisMachine(): string {
  machine ??= linuxMachine() ?? hostname()
  return machine
}

function linuxMachine(): string | undefined {
  try {
    const boot = readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim()
    return `${boot} ${readlinkSync('/proc/self/ns/pid')}`
  } catch {
    return undefined // Not a Linux, or one that hides this.
  }
}

function bootOf(machine: string): string {
  return machine.split(' ', 1)[0]!
}

/** proc(5): after the name in parentheses, which may have any characters, come the state and, as field 22, the start. */
function processState(pid: number): { isAlive: boolean; start: number } | undefined {
  let stat: string
  try {
    stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
  } catch {
    return undefined // Gone, hidden from this user, or no procfs.
  }
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  // A zombie does nothing any more; it waits for its parent to look at it.
  return { isAlive: !['Z', 'X'].includes(fields[0] ?? ''), start: Number(fields[19]) }
}

function existsProcess(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return (error as NodeJS.ErrnoException).code !== 'ESRCH'
  }
}
