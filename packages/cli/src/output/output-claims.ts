import { resolve } from 'node:path'
import { OutputError } from '@opcache/sdk'
import { assertReplaceable, makeFolderOf } from './destination.js'

/** The outputs of one command: no two results go to one file, whatever --force says. */
export class OutputClaims {
  readonly #sources: ReadonlySet<string>
  readonly #owners = new Map<string, { readonly source: string; readonly key: string }>()

  constructor(sources: readonly string[]) {
    this.#sources = new Set(sources.map(source => resolve(source)))
  }

  /**
   * Takes a path for the result of a source; its folder is made unless -o names the very file. Answers whether it is to be
   * written: the same entry may have been written there for another source.
   *
   * @throws OutputError
   */
  async claim(
    path: string,
    { source, key, force, isNamed }: { source: string; key: string; force: boolean; isNamed: boolean },
  ): Promise<boolean> {
    const place = resolve(path)
    const owner = this.#owners.get(place)
    if (owner && owner.source !== source && owner.key === key) return false
    if (owner && owner.source !== source) {
      throw new OutputError('output-exists', `${path} is where the result of ${owner.source} goes.`)
    }
    if (!isNamed && this.#sources.has(place)) {
      throw new OutputError('output-exists', `The result would be named ${path}, as a source is.`)
    }
    this.#owners.set(place, { source, key })
    try {
      if (!isNamed) await makeFolderOf(path)
      // What this command wrote for the source before, it may write again.
      await assertReplaceable(path, force || owner !== undefined)
    } catch (error) {
      if (!owner) this.#owners.delete(place)
      throw error
    }
    return true
  }

  /** Whether this command wrote there. */
  has(path: string): boolean {
    return this.#owners.has(resolve(path))
  }
}
