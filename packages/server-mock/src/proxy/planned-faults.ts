import type { FaultSource } from './proxied-connection.js'
import type { Direction, ProxyFault } from './proxy-fault.js'

/** The faults of a proxy that are still to come. */
export class PlannedFaults implements FaultSource {
  /** Counts connections for faults of one, bytes for faults that count those of all. */
  readonly #planned: { fault: ProxyFault; seen: number }[] = []

  plan(faults: readonly ProxyFault[]): void {
    this.#planned.push(...faults.map(fault => ({ fault, seen: 0 })))
  }

  get pending(): ProxyFault[] {
    return this.#planned.map(({ fault }) => fault)
  }

  first(): ProxyFault | undefined {
    const ofOne = this.#planned.filter(({ fault }) => fault.counted !== 'all')
    for (const plan of ofOne) plan.seen += 1
    return this.#take(ofOne.find(({ fault, seen }) => seen >= (fault.nth ?? 1)))?.fault
  }

  shared(direction: Direction, bytes: number): { fault: ProxyFault; passingBytes: number } | undefined {
    const ofAll = this.#planned.filter(
      ({ fault }) => fault.counted === 'all' && fault.direction === direction,
    )
    for (const plan of ofAll) plan.seen += bytes
    const met = this.#take(ofAll.find(({ fault, seen }) => seen > (fault.afterBytes ?? 0)))
    if (!met) return undefined
    const { fault, seen } = met
    return { fault, passingBytes: Math.max(0, bytes - (seen - (fault.afterBytes ?? 0))) }
  }

  #take<T>(plan: T): T {
    const at = this.#planned.indexOf(plan as never)
    if (at >= 0) this.#planned.splice(at, 1)
    return plan
  }
}
