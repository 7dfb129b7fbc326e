import { loadNative, loadPortable } from '../src/index.js'

/** Both engines, for suites that run with each: `describe.each(engines)('... (%s)', (_, blake3) => ...)`. */
export const engines = [
  ['native', await loadNative()],
  ['portable', await loadPortable()],
] as const
