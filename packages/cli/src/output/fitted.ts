/** A stream that may be a terminal. */
export interface Screen {
  readonly isTTY?: boolean
  readonly columns?: number
}

/**
 * Lines as a terminal shows them without a break within a word: what does not fit goes on in a further line, `hang` columns
 * behind the line's own start. Text for anything else stays as it is.
 */
export async function fitted({ isTTY, columns = 0 }: Screen, text: string, hang: number): Promise<string> {
  const lines = text.split('\n')
  // No character takes more than two columns.
  if (!isTTY || columns === 0 || lines.every(line => 2 * line.length <= columns)) return text
  const { widthOf } = await import('../progress/drawing.js')
  return lines.map(line => wrapped(line, columns, hang, widthOf)).join('\n')
}

/** Words with the spaces before them. What stands in backquotes is a command: it is there to be copied, so it is a word. */
const WORDS = /( *)((?:`[^`]*`|[^ ])+)/g

/**
 * A line of text, broken at spaces. A word that is longer than a line stays whole.
 *
 * @param widthOf Counts columns. @default characters
 */
export function wrapped(
  line: string,
  columns: number,
  hang: number,
  widthOf: (text: string) => number = text => text.length,
): string {
  const start = ' '.repeat(/^ */.exec(line)![0].length + hang)
  const lines: string[] = []
  let current = ''
  for (const [spaced, , word] of line.matchAll(WORDS)) {
    if (current.trim() === '' || widthOf(current + spaced) <= columns) current += spaced
    else {
      lines.push(current)
      current = start + word
    }
  }
  return [...lines, current].join('\n')
}
