import { describe, expect, it } from 'vitest'
import type { OperationQueue } from '../ports/operation-queue.js'
import { type ManualClock, type OpenPort, withPort } from './opened.js'
import { sampleJob } from './samples.js'

const LEASE_MS = 30_000

/** What every operation queue must do. */
export function operationQueueContract(name: string, open: OpenPort<OperationQueue>): void {
  const test = (title: string, use: (queue: OperationQueue, clock: ManualClock) => Promise<void>) =>
    it(title, () => withPort(open, use))

  describe(`${name} as an operation queue`, () => {
    test('gives nothing when there is nothing', async queue => {
      expect(await queue.lease(['copy'], LEASE_MS)).toBeUndefined()
      expect(await queue.lease([], LEASE_MS)).toBeUndefined()
    })

    test('gives out the oldest job first', async queue => {
      const jobs = ['a', 'b', 'c'].map(job => sampleJob(job))
      for (const job of jobs) await queue.enqueue(job)
      for (const job of jobs) {
        expect(await queue.lease(['copy'], LEASE_MS)).toMatchObject({ job, isRedelivery: false })
      }
      expect(await queue.lease(['copy'], LEASE_MS)).toBeUndefined()
    })

    test('leases a job to who adds it, once', async (queue, clock) => {
      const job = sampleJob('held')
      const lease = await queue.enqueueLeased(job, LEASE_MS)
      expect(lease).toMatchObject({ job, isRedelivery: false })
      // Who adds it again, or looks for jobs, gets nothing.
      await queue.enqueue(job)
      expect(await queue.enqueueLeased(job, LEASE_MS)).toBeUndefined()
      expect(await queue.lease(['copy'], LEASE_MS)).toBeUndefined()
      expect(await queue.waiting()).toBe(0)
      clock.time += LEASE_MS - 1
      expect(await queue.renew(lease!, LEASE_MS)).toBe(true)
      clock.time += LEASE_MS
      expect(await queue.lease(['copy'], LEASE_MS)).toMatchObject({ job, isRedelivery: true })
      expect(await queue.complete(lease!)).toBe(false)
    })

    test('leases no job to its adder that waits already', async queue => {
      const job = sampleJob('waiting')
      await queue.enqueue(job)
      expect(await queue.enqueueLeased(job, LEASE_MS)).toBeUndefined()
      expect((await queue.lease(['copy'], LEASE_MS))?.job).toEqual(job)
    })

    test('gives no job before its time', async (queue, clock) => {
      const later = sampleJob('later', { notBefore: clock.time + 1000 })
      await queue.enqueue(later)
      await queue.enqueue(sampleJob('now'))
      expect((await queue.lease(['copy'], LEASE_MS))?.job).toEqual(sampleJob('now'))
      // Whoever adds it again does not bring its time forward.
      await queue.enqueue(sampleJob('later'))
      expect(await queue.lease(['copy'], LEASE_MS)).toBeUndefined()
      clock.time += 1000
      expect((await queue.lease(['copy'], LEASE_MS))?.job).toEqual(later)
    })

    test('gives out jobs of the asked operations only, the oldest of them all', async queue => {
      const jobs = ['gzip', 'copy', 'convert', 'copy'].map((operation, index) =>
        sampleJob(`${index}`, { operation }),
      )
      for (const job of jobs) await queue.enqueue(job)
      const lease = async (...operations: string[]) => (await queue.lease(operations, LEASE_MS))?.job
      expect(await lease('unknown')).toBeUndefined()
      expect(await lease('convert', 'copy')).toEqual(jobs[1])
      expect(await lease('copy', 'convert')).toEqual(jobs[2])
      expect(await lease('copy', 'gzip')).toEqual(jobs[0])
      expect(await lease('convert')).toBeUndefined()
    })

    test('counts the jobs that wait, not those that are leased', async queue => {
      expect(await queue.waiting()).toBe(0)
      for (const name of ['a', 'b', 'c']) await queue.enqueue(sampleJob(name))
      expect(await queue.waiting()).toBe(3)
      const lease = await queue.lease(['copy'], LEASE_MS)
      expect(await queue.waiting()).toBe(2)
      await queue.release(lease!)
      expect(await queue.waiting()).toBe(3)
      await queue.cancel(sampleJob('c'))
      expect(await queue.waiting()).toBe(2)
    })

    test('changes nothing when a job is added that waits or is leased', async queue => {
      const job = sampleJob('a')
      await queue.enqueue(job)
      await queue.enqueue(job)
      const lease = await queue.lease(['copy'], LEASE_MS)
      await queue.enqueue(job)
      expect(await queue.lease(['copy'], LEASE_MS)).toBeUndefined()
      expect(await queue.complete(lease!)).toBe(true)
      expect(await queue.lease(['copy'], LEASE_MS)).toBeUndefined()
    })

    test('tells jobs apart by space, key, incarnation and attempt', async queue => {
      const jobs = [
        sampleJob('a'),
        sampleJob('b'),
        sampleJob('a', { incarnation: 'other' }),
        sampleJob('a', { attempt: 2 }),
        sampleJob('a', { space: 'other/' as never }),
      ]
      for (const job of jobs) await queue.enqueue(job)
      for (const job of jobs) expect((await queue.lease(['copy'], LEASE_MS))?.job).toEqual(job)
    })

    test('gives a job to one worker at a time', async queue => {
      const jobs = Array.from({ length: 8 }, (_, index) => sampleJob(`${index}`))
      await Promise.all(jobs.map(job => queue.enqueue(job)))
      const leases = await Promise.all(Array.from({ length: 20 }, () => queue.lease(['copy'], LEASE_MS)))
      const given = leases.filter(lease => lease !== undefined)
      expect(new Set(given.map(lease => lease.job.key)).size).toBe(given.length)
      expect(new Set(given.map(lease => lease.token)).size).toBe(given.length)
      for (let more = given.length; more < jobs.length; more++) {
        expect(await queue.lease(['copy'], LEASE_MS)).toBeDefined()
      }
      expect(await queue.lease(['copy'], LEASE_MS)).toBeUndefined()
    })

    test('gives a job again when its lease ran out, and the old lease is lost', async (queue, clock) => {
      await queue.enqueue(sampleJob('a'))
      const old = (await queue.lease(['copy'], LEASE_MS))!
      clock.time += LEASE_MS - 1
      expect(await queue.lease(['copy'], LEASE_MS)).toBeUndefined()
      clock.time += 1
      const next = (await queue.lease(['copy'], LEASE_MS))!
      expect(next).toMatchObject({ job: old.job, isRedelivery: true })
      expect(next.token).not.toBe(old.token)
      expect(await queue.renew(old, LEASE_MS)).toBe(false)
      expect(await queue.complete(old)).toBe(false)
      await queue.release(old)
      expect(await queue.lease(['copy'], LEASE_MS)).toBeUndefined()
      expect(await queue.complete(next)).toBe(true)
    })

    test('extends a lease from now', async (queue, clock) => {
      await queue.enqueue(sampleJob('a'))
      const lease = (await queue.lease(['copy'], LEASE_MS))!
      clock.time += LEASE_MS - 1
      expect(await queue.renew(lease, LEASE_MS)).toBe(true)
      clock.time += LEASE_MS - 1
      expect(await queue.lease(['copy'], LEASE_MS)).toBeUndefined()
      clock.time += 1
      expect(await queue.lease(['copy'], LEASE_MS)).toMatchObject({ isRedelivery: true })
    })

    test('removes a job that is completed, once', async (queue, clock) => {
      await queue.enqueue(sampleJob('a'))
      const lease = (await queue.lease(['copy'], LEASE_MS))!
      expect(await queue.complete(lease)).toBe(true)
      expect(await queue.complete(lease)).toBe(false)
      expect(await queue.renew(lease, LEASE_MS)).toBe(false)
      await queue.release(lease)
      clock.time += LEASE_MS
      expect(await queue.lease(['copy'], LEASE_MS)).toBeUndefined()
      await queue.enqueue(sampleJob('a'))
      expect(await queue.lease(['copy'], LEASE_MS)).toMatchObject({ isRedelivery: false })
    })

    test('gives a released job out at once, in its place, not as a redelivery', async queue => {
      const jobs = [sampleJob('a'), sampleJob('b')]
      for (const job of jobs) await queue.enqueue(job)
      const lease = (await queue.lease(['copy'], LEASE_MS))!
      await queue.release(lease)
      expect(await queue.renew(lease, LEASE_MS)).toBe(false)
      expect(await queue.complete(lease)).toBe(false)
      expect(await queue.lease(['copy'], LEASE_MS)).toMatchObject({ job: jobs[0], isRedelivery: false })
    })

    test('counts a lost worker once: a release after it is no redelivery', async (queue, clock) => {
      await queue.enqueue(sampleJob('a'))
      await queue.lease(['copy'], LEASE_MS)
      clock.time += LEASE_MS
      const second = (await queue.lease(['copy'], LEASE_MS))!
      expect(second.isRedelivery).toBe(true)
      await queue.release(second)
      expect(await queue.lease(['copy'], LEASE_MS)).toMatchObject({ isRedelivery: false })
    })

    test('cancels a job, waiting or leased', async (queue, clock) => {
      const jobs = [sampleJob('a'), sampleJob('b')]
      for (const job of jobs) await queue.enqueue(job)
      const lease = (await queue.lease(['copy'], LEASE_MS))!
      for (const job of [...jobs, sampleJob('unknown')]) await queue.cancel(job)
      expect(await queue.renew(lease, LEASE_MS)).toBe(false)
      expect(await queue.complete(lease)).toBe(false)
      clock.time += LEASE_MS
      expect(await queue.lease(['copy'], LEASE_MS)).toBeUndefined()
    })
  })
}
