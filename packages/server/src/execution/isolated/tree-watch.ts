import { OperationError } from '../../operations/operation-error.js'
import type { AttemptBounds } from './attempt-bounds.js'
import { memoryOf, processTree } from './process-tree.js'

const LOOK_MS = 200

/**
 * Looks again and again at what the processes of an attempt take together, and calls `onExceeded` once it is too much.
 * Answers how to end that.
 */
export function watchTree(
  root: number,
  { memoryBytes, processes }: AttemptBounds,
  onExceeded: (error: OperationError) => void,
): () => void {
  let timer: NodeJS.Timeout | undefined
  let isOver = false
  const look = async () => {
    const tree = await processTree(root)
    const usedBytes = await memoryOf(tree)
    if (isOver) return
    if (tree.length - 1 > processes) {
      onExceeded(new OperationError(`It started more than the ${processes} processes that it may have.`))
    } else if (usedBytes > memoryBytes) onExceeded(outOfMemory(memoryBytes))
    else later()
  }
  const later = () => {
    timer = setTimeout(() => void look(), LOOK_MS)
    timer.unref()
  }
  later()
  return () => {
    isOver = true
    clearTimeout(timer)
  }
}

/** The failure of an attempt that wants more memory than it may have. */
export function outOfMemory(memoryBytes: number): OperationError {
  return new OperationError(
    `It needed more than the ${Math.round(memoryBytes / 2 ** 20)} MiB of memory that it may have.`,
  )
}
