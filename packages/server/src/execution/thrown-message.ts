/** Longest message that is kept of what an operation throws. */
const MESSAGE_CHARACTERS = 2000

/** What a thrown value says; operations may throw anything. */
export function thrownMessage(thrown: unknown): string {
  const message = thrown instanceof Error ? thrown.message : `it threw ${asText(thrown)}`
  return String(message).slice(0, MESSAGE_CHARACTERS).toWellFormed()
}

function asText(value: unknown): string {
  try {
    return String(value)
  } catch {
    // Objects without a prototype, and those whose own conversion throws.
    return typeof value
  }
}
