/** Input as BLAKE3's own test vectors make it: bytes that count from `start` and begin again after 251 of them. */
export function cyclingBytes(length: number, start = 0): Uint8Array {
  const bytes = new Uint8Array(length)
  for (let at = 0; at < length; at++) bytes[at] = (start + at) % 251
  return bytes
}
