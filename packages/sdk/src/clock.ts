/** Milliseconds on a clock that nobody sets. `performance` has it too, but takes a short process long to load. */
export function clockMs(): number {
  return process.uptime() * 1000
}
