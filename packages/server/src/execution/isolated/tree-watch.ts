import { OperationError } from '../../operations/operation-error.js'
import type { AttemptBounds } from './attempt-bounds.js'
import { type AttemptMarks, AttemptProcesses, memoryOf } from './process-tree.js'

const LOOK_MS = 200

/**
 * Looks again and again at what the processes of an attempt take together, and calls `onExceeded` once it is too much.
 * Answers how to end that.
 */
export function watchTree(
  marks: AttemptMarks,
  { memoryBytes, processes }: AttemptBounds,
  onExceeded: (error: OperationError) => void,
): () => void {
  let timer: NodeJS.Timeout | undefined
  let isOver = false
  const running = new AttemptProcesses(marks)
  const look = async () => {
    const found = await running.find(processes + 1)
    const usedBytes = await memoryOf(found)
    if (isOver) return
    if (found.length - 1 > processes) {
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
