import type { Engine } from '../../src/engine/engine.js'

/** How often each method of each port was called, as `entries.get`. */
export type PortCalls = Record<string, number>

const PORTS = ['entries', 'contents', 'blobs', 'queue', 'notifier'] as const

/** The engine, with its ports counting their calls: what a request costs, whatever the clock says. */
export function countPortCalls(engine: Engine): { engine: Engine; takeCalls: () => PortCalls } {
  let calls: PortCalls = {}
  const counted = PORTS.map(port => [
    port,
    new Proxy<object>(engine[port], {
      get(target, name) {
        const member = Reflect.get(target, name)
        if (typeof member !== 'function') return member
        return (...args: unknown[]) => {
          const called = `${port}.${String(name)}`
          calls[called] = (calls[called] ?? 0) + 1
          return member.apply(target, args)
        }
      },
    }),
  ])
  return {
    engine: { ...engine, ...Object.fromEntries(counted) },
    takeCalls: () => {
      const taken = calls
      calls = {}
      return taken
    },
  }
}
