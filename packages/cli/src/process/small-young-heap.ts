/**
 * Keeps the part of the heap that new objects begin in as small as it starts. It would grow to 32 MiB by and by, and hold
 * almost nothing: what a server moves lies outside of the heap. Node offers this for worker threads and on its own
 * command line only, so it is a flag of the engine; one that it does not know would change nothing.
 */
export async function keepYoungHeapSmall(): Promise<void> {
  const { setFlagsFromString } = await import('node:v8')
  setFlagsFromString('--semi-space-growth-factor=1')
}
