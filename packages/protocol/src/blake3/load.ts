import type { Blake3 } from './blake3.js'

let loading: Promise<Blake3> | undefined

/** The fastest engine that this machine can load; loaded once. */
export function loadBlake3(): Promise<Blake3> {
  loading ??= loadNative().catch(loadPortable)
  return loading
}

/** @throws when there is no prebuilt binary for this platform. */
export async function loadNative(): Promise<Blake3> {
  return (await import('./native.js')).nativeBlake3
}

export async function loadPortable(): Promise<Blake3> {
  return (await import('./portable.js')).portableBlake3
}
