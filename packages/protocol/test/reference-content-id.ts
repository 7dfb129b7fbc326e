import { hash, keyedHash } from 'blake3-wasm'

const BLOCK = 1048576
const LANES = 1024

/** The identity of a content as the protocol's text has it, step by step, nothing clever. */
export function referenceContentId(content: Uint8Array): string {
  const digests: Uint8Array[] = []
  for (let start = 0; start < content.length; start += BLOCK) {
    digests.push(hash(content.slice(start, start + BLOCK)) as Buffer)
  }
  return referenceContentIdOfDigests(content.length, digests)
}

/** The same from the blocks' digests in order. */
export function referenceContentIdOfDigests(size: number, digests: readonly Uint8Array[]): string {
  const sum: number[] = new Array(LANES).fill(0)
  for (const [index, digest] of digests.entries()) {
    const length = index < digests.length - 1 ? BLOCK : size - index * BLOCK
    const element = keyed('opcache v1 block element', [...digest, ...le64(index), ...le64(length)], 2 * LANES)
    for (let lane = 0; lane < LANES; lane++) {
      const value = element[2 * lane]! + 256 * element[2 * lane + 1]!
      sum[lane] = (sum[lane]! + value) % 65536
    }
  }
  const sumBytes = sum.flatMap(value => [value % 256, Math.floor(value / 256)])
  return keyed('opcache v1 content id', [...sumBytes, ...le64(size)], 32).toString('hex')
}

function keyed(label: string, input: readonly number[], length: number): Buffer {
  const key = hash(Buffer.from(label, 'utf8')) as Buffer
  return keyedHash(key, Buffer.from(input), { length })
}

/** A number as 8 bytes, the least significant first. */
function le64(value: number): number[] {
  let rest = BigInt(value)
  const bytes: number[] = []
  for (let at = 0; at < 8; at++) {
    bytes.push(Number(rest % 256n))
    rest /= 256n
  }
  return bytes
}
