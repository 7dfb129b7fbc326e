import type { Fault, FaultAction } from './fault.js'
import type { RequestKind } from './request-kind.js'

/** The faults that are still to come. */
export class FaultScript {
  readonly #planned: { fault: Fault; seen: number }[] = []

  /** Plans faults; they count matching requests from now on. */
  plan(...faults: Fault[]): void {
    for (const fault of faults) this.#planned.push({ fault, seen: 0 })
  }

  /** Faults that have not met all their requests: a test that planned them tested less than it says. */
  get pending(): Fault[] {
    return this.#planned.filter(({ fault, seen }) => seen < lastOf(fault)).map(({ fault }) => fault)
  }

  /** The faults that meet the next request of this kind. */
  meet(kind: RequestKind): FaultAction[] {
    const actions: FaultAction[] = []
    for (const planned of this.#planned) {
      if (planned.fault.on !== kind) continue
      planned.seen += 1
      if (planned.seen >= (planned.fault.nth ?? 1) && planned.seen <= lastOf(planned.fault)) {
        actions.push(planned.fault.action)
      }
    }
    return actions
  }
}

function lastOf({ nth = 1, times = 1 }: Fault): number {
  return nth + times - 1
}
