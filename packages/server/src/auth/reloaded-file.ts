import type { BigIntStats } from 'node:fs'
import * as fs from 'node:fs/promises'

/** A file that changed so recently may change again within one tick of the file system's clock. */
const CLOCK_GRAIN_MS = 100

/** How a file becomes a value. */
export interface FileReading<Value> {
  readonly path: string
  /** @throws when the text, or who may write it, is not what it must be */
  parse(text: string, stat: BigIntStats): Value
  /** Told once of each change that cannot be used. */
  report(error: unknown, what: string): void
}

/**
 * What a file says. It is looked at whenever it is asked, and read again when it has changed, so that a change counts
 * from the next question on. A change that cannot be used leaves what was good before.
 */
export class ReloadedFile<Value> {
  readonly #reading: FileReading<Value>
  #value: Value
  #version: string
  #toldVersion: string | undefined
  #reloading: Promise<void> | undefined

  private constructor(reading: FileReading<Value>, value: Value, version: string) {
    this.#reading = reading
    this.#value = value
    this.#version = version
  }

  /** Reads the file for the first time. @throws when it cannot be used: there is nothing good yet */
  static async open<Value>(reading: FileReading<Value>): Promise<ReloadedFile<Value>> {
    const { stat, text } = await readWithStat(reading.path)
    return new ReloadedFile(reading, reading.parse(text, stat), versionOf(stat))
  }

  async current(): Promise<Value> {
    this.#reloading ??= this.#reloadIfChanged().finally(() => {
      this.#reloading = undefined
    })
    await this.#reloading
    return this.#value
  }

  async #reloadIfChanged(): Promise<void> {
    const { path, parse, report } = this.#reading
    let version = 'unknown'
    try {
      version = versionOf(await fs.stat(path, { bigint: true }))
      if (version === this.#version) return
      const { stat, text } = await readWithStat(path)
      this.#value = parse(text, stat)
      this.#version = versionOf(stat)
      this.#toldVersion = undefined
    } catch (error) {
      if (version !== this.#toldVersion)
        report(error, `reading ${path} again; what it said before still holds`)
      this.#toldVersion = version
    }
  }
}

async function readWithStat(path: string): Promise<{ stat: BigIntStats; text: string }> {
  const file = await fs.open(path, 'r')
  try {
    const stat = await file.stat({ bigint: true })
    return { stat, text: await file.readFile('utf8') }
  } finally {
    await file.close()
  }
}

/** Another text for another version of the file. One that was young when it was read is read once more. */
function versionOf({ dev, ino, size, mode, mtimeNs, ctimeNs, ctimeMs }: BigIntStats): string {
  const isYoung = Date.now() - Number(ctimeMs) < CLOCK_GRAIN_MS
  return [dev, ino, size, mode, mtimeNs, ctimeNs, isYoung].join(' ')
}
