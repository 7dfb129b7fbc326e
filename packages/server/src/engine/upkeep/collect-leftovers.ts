import type { Engine } from '../engine.js'

/**
 * Removes the blobs that nothing names, after an unclean stop: a process that died left the bytes of what it had not
 * published, or not deleted yet. Bytes that are coming are named by their reservation.
 */
export async function collectLeftovers({
  blobs,
  closing,
  ledger,
}: Pick<Engine, 'blobs' | 'closing' | 'ledger'>): Promise<void> {
  const stop = await ledger.leftovers()
  if (stop === undefined) return
  for await (const blob of blobs.names()) {
    if (closing.aborted) return
    if (!(await ledger.isNamed(blob))) await blobs.delete(blob)
  }
  await ledger.settleLeftovers(stop)
}
