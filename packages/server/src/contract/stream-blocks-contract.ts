import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { SealOutcome, StreamBlock, StreamRecord, StreamStore } from '../ports/stream-store.js'
import { type OpenPort, withPort } from './opened.js'
import { endOf, FULL, sampleStream, sampleStreamRef, streamBlocksOf } from './samples.js'

/** How a stream store takes blocks, and how it seals. */
export function streamBlocksContract(open: OpenPort<StreamStore>): void {
  const test = (title: string, use: (store: StreamStore, stream: StreamRecord) => Promise<void>) =>
    it(title, () => withPort(open, async store => use(store, await store.create(sampleStream()))))

  describe('a doubt', () => {
    test('is nowhere where nothing happened, and none is settled that is none', async (store, stream) => {
      const [block] = streamBlocksOf([9])
      await store.claim(stream, stream.blob, block!)
      const record = await store.commit(stream, stream.blob, [[0, 1]])
      expect(record?.doubt).toBeUndefined()
      expect(await store.settleDoubt(stream, stream.blob, 0, [[0, 1]])).toEqual(record)
      expect(await store.settleDoubt(stream, 'other', 1, [[0, 1]])).toBeUndefined()
      expect((await store.blockMap(stream, stream.blob))?.present()).toEqual([[0, 1]])
    })
  })

  describe('claiming blocks', () => {
    test('gives an index to the first block, and to the same one again', async (store, stream) => {
      const [block, other] = [streamBlocksOf([9])[0]!, streamBlocksOf([9], 'other')[0]!]
      const claim = (claimed: StreamBlock) => store.claim(stream, stream.blob, claimed)
      expect([await claim(block), await claim(block)]).toEqual(['claimed', 'claimed'])
      expect([await claim(other), await claim({ ...block, length: 8 })]).toEqual(['conflict', 'conflict'])
      await store.commit(stream, stream.blob, [[0, 1]])
      expect([await claim(block), await claim(other)]).toEqual(['present', 'conflict'])
    })

    test('shows claimed and present blocks of a range, ascending', async (store, stream) => {
      const blocks = streamBlocksOf([FULL, FULL, FULL, 7])
      for (const index of [3, 0, 2]) await store.claim(stream, stream.blob, blocks[index]!)
      await store.claim(stream, stream.blob, { ...blocks[1]!, index: 1000 })
      await store.commit(stream, stream.blob, [[2, 1]])
      const known = await store.blocks(stream, stream.blob, [1, 3])
      expect(known.map(({ index, length, isPresent }) => [index, length, isPresent])).toEqual([
        [2, FULL, true],
        [3, 7, false],
      ])
      expect(known.every(({ index, digest }) => blocks[index]!.digest.equals(digest))).toBe(true)
      expect(await store.blocks(stream, stream.blob, [4, 900])).toEqual([])
      expect((await store.blocks(stream, stream.blob, [0, 2000])).map(({ index }) => index)).toEqual([
        0, 2, 3, 1000,
      ])
    })

    test('gives an index to exactly one of many different blocks', async (store, stream) => {
      const blocks = Array.from({ length: 10 }, (_, index) => streamBlocksOf([9], `${index}`)[0]!)
      const claims = await Promise.all(blocks.map(block => store.claim(stream, stream.blob, block)))
      expect(claims.toSorted()).toEqual(['claimed', ...Array(9).fill('conflict')])
    })
  })

  describe('committing blocks of a stream', () => {
    test('marks claimed blocks, once each, and no others', async (store, stream) => {
      const blocks = streamBlocksOf([FULL, FULL, FULL])
      for (const index of [0, 2]) await store.claim(stream, stream.blob, blocks[index]!)
      expect(await store.commit(stream, stream.blob, [[2, 1]])).toEqual({ ...stream, presentBlocks: 1 })
      expect(
        await store.commit(stream, stream.blob, [
          [1, 2],
          [0, 1],
          [0, 1],
        ]),
      ).toMatchObject({ presentBlocks: 2 })
      expect(await store.commit(stream, stream.blob, [])).toMatchObject({ presentBlocks: 2 })
      expect(await store.get(stream)).toEqual({ ...stream, presentBlocks: 2 })
      expect((await store.blockMap(stream, stream.blob))?.present()).toEqual([
        [0, 1],
        [2, 1],
      ])
    })
  })

  describe('sealing', () => {
    test('fixes the blocks, and gives their digests until it is finished', async (store, stream) => {
      const blocks = streamBlocksOf([FULL, FULL, 3])
      await send(store, stream, blocks)
      const end = endOf(blocks)
      const sealing = { ...stream, presentBlocks: 3, phase: { state: 'SEALING', ...end } }
      expect(await store.manifest(stream, stream.blob)).toBeUndefined()
      expect(await store.seal(stream, stream.blob, end)).toEqual({ sealed: sealing })
      expect(await store.get(stream)).toEqual(sealing)
      const manifest = Buffer.concat(blocks.map(({ digest }) => digest))
      expect(manifest.equals((await store.manifest(stream, stream.blob))!)).toBe(true)

      await store.finishSeal(stream, stream.blob)
      const sealed = { ...sealing, phase: { state: 'SEALED', ...end } }
      expect(await store.get(stream)).toEqual(sealed)
      expect(await store.manifest(stream, stream.blob)).toBeUndefined()
      expect(await store.blocks(stream, stream.blob, [0, 3])).toEqual([])
      expect(await store.blockMap(stream, stream.blob)).toBeUndefined()
      await store.finishSeal(stream, stream.blob)
      expect(await store.get(stream)).toEqual(sealed)
    })

    test('seals the empty content', async (store, stream) => {
      expect(await store.seal(stream, stream.blob, endOf([]))).toHaveProperty('sealed')
      expect(await store.manifest(stream, stream.blob)).toHaveLength(0)
    })

    test('seals again as the same content, and as nothing else', async (store, stream) => {
      const blocks = streamBlocksOf([FULL, 3])
      await send(store, stream, blocks)
      const end = endOf(blocks)
      const seal = (as: typeof end) => store.seal(stream, stream.blob, as)
      const first = await seal(end)
      expect(first).toHaveProperty('sealed')
      for (const finish of [false, true]) {
        if (finish) await store.finishSeal(stream, stream.blob)
        expect(objectionTo(await seal(end))).toBeUndefined()
        for (const other of [
          { ...end, size: 5 },
          { ...end, content: endOf([]).content },
        ]) {
          expect(objectionTo(await seal(other))).toEqual({ kind: 'sealed-otherwise', ...end })
        }
      }
    })

    test('takes no block once it is sealed', async (store, stream) => {
      const blocks = streamBlocksOf([FULL, 3])
      await send(store, stream, blocks)
      await store.seal(stream, stream.blob, endOf(blocks))
      for (const finish of [false, true]) {
        if (finish) await store.finishSeal(stream, stream.blob)
        expect(await store.claim(stream, stream.blob, { ...blocks[0]!, index: 2 })).toBe('closed')
        expect(await store.claim(stream, stream.blob, blocks[0]!)).toBe('closed')
        expect(await store.commit(stream, stream.blob, [[0, 3]])).toBeUndefined()
      }
      expect((await store.get(stream))?.presentBlocks).toBe(2)
    })

    test('says what is wrong and changes nothing, so that the stream goes on', async (store, stream) => {
      const blocks = streamBlocksOf([FULL, FULL, FULL, 3])
      const objection = async (end: ReturnType<typeof endOf>) =>
        objectionTo(await store.seal(stream, stream.blob, end))
      const end = endOf(blocks)
      expect(await objection(end)).toEqual({ kind: 'missing-block', block: 0 })
      await send(store, stream, [blocks[0]!, blocks[2]!, blocks[3]!])
      await store.claim(stream, stream.blob, blocks[1]!)
      expect(await objection(end)).toEqual({ kind: 'missing-block', block: 1 })
      await store.commit(stream, stream.blob, [[1, 1]])
      expect(await objection({ ...end, size: end.size + FULL })).toEqual({
        kind: 'block-length',
        block: 3,
        length: 3,
      })
      expect(await objection({ ...end, size: end.size + 1 })).toMatchObject({
        kind: 'block-length',
        block: 3,
      })
      expect(await objection({ ...end, size: 4 * FULL + 3 })).toMatchObject({
        kind: 'block-length',
        block: 3,
      })
      expect(await objection({ ...end, size: 3 * FULL })).toEqual({ kind: 'beyond-end', block: 3 })
      expect(await objection(endOf([]))).toEqual({ kind: 'beyond-end', block: 0 })
      expect(await objection({ ...end, content: endOf([]).content })).toEqual({
        kind: 'other-content',
        content: end.content,
      })
      expect(await store.get(stream)).toEqual({ ...stream, presentBlocks: 4 })
      expect(await objection(end)).toBeUndefined()
    })

    test('says that a block in the middle is short', async (store, stream) => {
      const blocks = streamBlocksOf([FULL, 5, FULL])
      await send(store, stream, blocks)
      const end = { ...endOf(blocks), size: 3 * FULL }
      expect(objectionTo(await store.seal(stream, stream.blob, end))).toEqual({
        kind: 'block-length',
        block: 1,
        length: 5,
      })
    })

    test('never seals over a claim beyond the end: its bytes may be on their way', async (store, stream) => {
      const blocks = streamBlocksOf([FULL, FULL])
      await send(store, stream, blocks)
      await store.claim(stream, stream.blob, { ...blocks[0]!, index: 2 })
      const outcome = await store.seal(stream, stream.blob, endOf(blocks))
      expect(objectionTo(outcome)).toEqual({ kind: 'beyond-end', block: 2 })
    })
  })

  it('gives one sum whatever the order, the repetition and the callers, and one sealer wins', async () => {
    const plan = fc.integer({ min: 1, max: 70 }).chain(count => {
      const step = fc.tuple(fc.nat(count - 1), fc.boolean(), fc.boolean())
      return fc.record({
        count: fc.constant(count),
        callers: fc.array(fc.array(step, { maxLength: 20 }), { minLength: 1, maxLength: 6 }),
      })
    })
    await fc.assert(
      fc.asyncProperty(plan, async ({ count, callers }) => {
        await withPort(open, store => checkOneSum(store, count, callers))
      }),
      { numRuns: 25 },
    )
  })
}

type Step = readonly [index: number, isRepeated: boolean, isOther: boolean]

/** Callers send blocks in any order, some twice, some with other bytes; then all send what is missing, and all seal. */
async function checkOneSum(
  store: StreamStore,
  count: number,
  callers: readonly (readonly Step[])[],
): Promise<void> {
  const stream = await store.create(sampleStream({ ...sampleStreamRef(count) }))
  const lengths = Array.from({ length: count }, (_, index) => (index === count - 1 ? 11 : FULL))
  const blocks = streamBlocksOf(lengths)
  const others = streamBlocksOf(lengths, 'other')
  const isTaken = new Set<number>()
  for (const block of blocks.filter(({ index }) => index % 2 === 0)) {
    await store.claim(stream, stream.blob, block)
    isTaken.add(block.index)
  }
  const sending = callers.map(async steps => {
    for (const [index, isRepeated, isOther] of steps) {
      // Other bytes are tried only where the index has an owner already, so that the outcome is known.
      if (isOther && isTaken.has(index)) {
        expect(await store.claim(stream, stream.blob, others[index]!)).toBe('conflict')
      }
      await store.claim(stream, stream.blob, blocks[index]!)
      await store.commit(
        stream,
        stream.blob,
        isRepeated
          ? [
              [index, 1],
              [index, 1],
            ]
          : [[index, 1]],
      )
    }
  })
  const early = callers.map(() => store.seal(stream, stream.blob, endOf(blocks)))
  await Promise.all(sending)
  // Early sealers may have won only when all was there; everything else is sent now, by all.
  await Promise.all(callers.map(() => send(store, stream, blocks)))
  const other = endOf(others)
  const late = callers.flatMap(() => [
    store.seal(stream, stream.blob, other),
    store.seal(stream, stream.blob, endOf(blocks)),
  ])
  const outcomes = await Promise.all([...early, ...late])
  for (const outcome of outcomes.slice(callers.length)) {
    const isOther = outcomes.indexOf(outcome) % 2 === callers.length % 2
    expect(objectionTo(outcome) === undefined).toBe(!isOther)
  }
  expect(await store.get(stream)).toEqual({
    ...stream,
    presentBlocks: count,
    phase: { state: 'SEALING', ...endOf(blocks) },
  })
}

/** Claims and commits blocks, as who has stored their bytes. */
async function send(store: StreamStore, stream: StreamRecord, blocks: readonly StreamBlock[]): Promise<void> {
  for (const block of blocks) await store.claim(stream, stream.blob, block)
  await store.commit(
    stream,
    stream.blob,
    blocks.map(({ index }) => [index, 1] as const),
  )
}

function objectionTo(outcome: SealOutcome | undefined) {
  return outcome && 'objection' in outcome ? outcome.objection : undefined
}
