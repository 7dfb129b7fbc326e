import { OperationError } from './operation-error.js'

/** What comes next in a frame: a field that is read, or bytes that are passed over. */
type Step = { readonly take: number } | { readonly skip: number }

const FRAME = 0xfd2fb528

/** The first of sixteen magic numbers of frames without data. */
const SKIPPABLE = 0x184d2a50

/**
 * Cuts a Zstandard source into its frames: no piece goes beyond the end of one. Node's decoder passes over what stands
 * behind a frame in one piece, and takes the end of its input for the end of a frame that was cut.
 *
 * @throws OperationError where the source ends within a frame, or something else stands where one should begin
 */
export async function* zstdFrames(chunks: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  let walk = frame()
  let step = walk.next()
  let field = Buffer.alloc(0)
  let isInside = false
  let hasFrames = false
  for await (const chunk of chunks) {
    let start = 0
    for (let at = 0; at < chunk.length; ) {
      isInside = true
      const wanted = wantedBytes(step.value as Step, field.length)
      const piece = chunk.subarray(at, at + wanted)
      at += piece.length
      step = piece.length < wanted ? partly(step.value as Step, piece) : wholly(step.value as Step, piece)
      if (!step.done) continue
      yield chunk.subarray(start, at)
      start = at
      walk = frame()
      step = walk.next()
      isInside = false
      hasFrames = true
    }
    if (start < chunk.length) yield chunk.subarray(start)
  }
  if (isInside || !hasFrames) throw notWhole('unexpected end of file')

  function partly(current: Step, piece: Buffer): IteratorResult<Step, void> {
    if ('skip' in current) return { done: false, value: { skip: current.skip - piece.length } }
    field = Buffer.concat([field, piece])
    return { done: false, value: current }
  }

  /** Goes on to the next step that wants bytes. */
  function wholly(current: Step, piece: Buffer): IteratorResult<Step, void> {
    const read = 'take' in current ? Buffer.concat([field, piece]) : piece
    field = Buffer.alloc(0)
    let next = walk.next(read)
    while (!next.done && 'skip' in next.value && next.value.skip === 0) next = walk.next(field)
    return next
  }
}

function wantedBytes(step: Step, had: number): number {
  return 'take' in step ? step.take - had : step.skip
}

/** One frame, field by field (RFC 8878, 3.1). */
function* frame(): Generator<Step, void, Buffer> {
  const magic = (yield { take: 4 }).readUInt32LE()
  if ((magic & 0xfffffff0) >>> 0 === SKIPPABLE) {
    yield { skip: (yield { take: 4 }).readUInt32LE() }
    return
  }
  if (magic !== FRAME) throw notWhole('no frame begins where one should')
  const descriptor = (yield { take: 1 })[0]!
  const isSingleSegment = (descriptor & 0x20) !== 0
  const sizeFlag = descriptor >> 6
  const windowBytes = isSingleSegment ? 0 : 1
  const dictionaryBytes = [0, 1, 2, 4][descriptor & 3]!
  const sizeBytes = sizeFlag > 0 ? 1 << sizeFlag : isSingleSegment ? 1 : 0
  yield { skip: windowBytes + dictionaryBytes + sizeBytes }
  for (let isLast = false; !isLast; ) {
    const block = (yield { take: 3 }).readUIntLE(0, 3)
    isLast = (block & 1) === 1
    const isRunLength = ((block >> 1) & 3) === 1
    yield { skip: isRunLength ? 1 : block >> 3 }
  }
  const hasChecksum = (descriptor & 4) !== 0
  yield { skip: hasChecksum ? 4 : 0 }
}

function notWhole(why: string): OperationError {
  return new OperationError(`The source is not a whole Zstandard file: ${why}.`)
}
