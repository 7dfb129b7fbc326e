import { execFileSync } from 'node:child_process'
import { appendFile, mkdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'
import { temporaryFolder } from './test-server.js'

/** Only root may mount a file system. */
export const CAN_MOUNT = process.platform === 'linux' && process.getuid?.() === 0

/** A disk of 32 MiB with nothing on it but a store and what fills the rest. */
export class SmallDisk {
  private constructor(readonly folder: string) {}

  /** Mounts one that ends with the test. */
  static async mount(): Promise<SmallDisk> {
    const folder = join(await temporaryFolder(), 'disk')
    await mkdir(folder)
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=32m', 'tmpfs', folder])
    onTestFinished(() => void execFileSync('umount', [folder]))
    return new SmallDisk(folder)
  }

  /** Takes every byte that is left. */
  async fill(): Promise<void> {
    for (let size = 2 ** 20; size >= 1; ) {
      try {
        await appendFile(join(this.folder, 'filling'), Buffer.alloc(size))
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'ENOSPC') throw error
        size = Math.floor(size / 2)
      }
    }
  }

  /** Gives them back. */
  async empty(): Promise<void> {
    await rm(join(this.folder, 'filling'))
  }
}
