/** What text is painted with: the codes that begin and end it (ECMA-48, 8.3.117). */
const PAINTS = { bold: [1, 22], red: [31, 39], green: [32, 39], yellow: [33, 39] } as const

export type Paint = keyof typeof PAINTS

/**
 * Whether colors are wanted on a stream: `--no-color` goes before `NO_COLOR`, before `FORCE_COLOR`, before what the
 * stream is. Asked before the options are read, too.
 */
export function hasColors(
  stream: { readonly isTTY?: boolean },
  env: NodeJS.ProcessEnv = process.env,
  args: readonly string[] = process.argv,
): boolean {
  if (args.includes('--no-color') || env.NO_COLOR) return false
  if (env.FORCE_COLOR !== undefined) return env.FORCE_COLOR !== '0' && env.FORCE_COLOR !== 'false'
  return stream.isTTY === true && env.TERM !== 'dumb'
}

/** Text in a color, where colors are wanted. */
export function painted(stream: { readonly isTTY?: boolean }, paint: Paint, text: string): string {
  const [open, close] = PAINTS[paint]
  return hasColors(stream) ? `\u001b[${open}m${text}\u001b[${close}m` : text
}
