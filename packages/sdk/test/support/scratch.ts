import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { onTestFinished, vi } from 'vitest'

/** A folder of this test alone, gone when it is finished. */
export async function scratchFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'opcache-sdk-'))
  onTestFinished(() => rm(folder, { recursive: true, force: true }))
  return folder
}

/** A temporary folder of this test alone in the place of the system's. */
export async function ownTemporaryFolder(): Promise<string> {
  const folder = await scratchFolder()
  vi.stubEnv('TMPDIR', folder)
  onTestFinished(() => void vi.unstubAllEnvs())
  return folder
}
