/** The one of `names` that was probably meant by `typed`, or undefined when none is near. */
export function closestName(typed: string, names: readonly string[]): string | undefined {
  const lower = typed.toLowerCase()
  const isPrefix = names.filter(name => lower.length > 1 && name.startsWith(lower))
  if (isPrefix.length === 1) return isPrefix[0]
  let closest: string | undefined
  let fewest = Math.min(3, Math.floor(typed.length / 2)) + 1
  for (const name of names) {
    const edits = editDistance(lower, name.toLowerCase())
    if (edits < fewest) {
      closest = name
      fewest = edits
    }
  }
  return closest
}

/** "Did you mean ...?", where there is something to suggest. */
export function didYouMean(typed: string, names: readonly string[]): string | undefined {
  const closest = closestName(typed, names)
  return closest === undefined ? undefined : `Did you mean "${closest}"?`
}

/** Insertions, deletions, replacements and swaps of neighbours (Damerau-Levenshtein, restricted). */
function editDistance(one: string, other: string): number {
  let beforePrevious: number[] = []
  let previous = Array.from({ length: other.length + 1 }, (_, index) => index)
  for (let i = 1; i <= one.length; i++) {
    const row = [i]
    for (let j = 1; j <= other.length; j++) {
      const isSame = one[i - 1] === other[j - 1]
      let edits = Math.min(row[j - 1]! + 1, previous[j]! + 1, previous[j - 1]! + (isSame ? 0 : 1))
      const isSwap = i > 1 && j > 1 && one[i - 1] === other[j - 2] && one[i - 2] === other[j - 1]
      if (isSwap) edits = Math.min(edits, beforePrevious[j - 2]! + 1)
      row.push(edits)
    }
    beforePrevious = previous
    previous = row
  }
  return previous[other.length]!
}
