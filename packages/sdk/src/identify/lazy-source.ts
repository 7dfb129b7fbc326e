import type { ContentId } from '@opcache/protocol'
import type { CachedResult, RunResult } from '../run/run-result.js'
import { isResultSource } from '../source/result-source.js'
import type { Source } from '../source/source.js'
import type { Call } from '../transport/call.js'
import type { Identified } from './identified.js'
import { identifyIn } from './identify.js'
import type { IdentityIndex } from './identity-index.js'

/** A source that is hashed when it is first needed, once; one that is a result of the server never is, if all goes well. */
export class LazySource {
  readonly source: Source
  readonly #call: Call
  readonly #index: IdentityIndex | undefined
  #identifying: Promise<Identified> | undefined
  #identified: Identified | undefined

  constructor(source: Source, call: Call, index: IdentityIndex | undefined) {
    this.source = source
    this.#call = call
    this.#index = index
  }

  /** Whether its content id is known without its bytes. */
  get isResult(): boolean {
    return isResultSource(this.source)
  }

  /** Id and size, where they are known. */
  get content(): RunResult['content'] {
    if (isResultSource(this.source)) return contentOf(this.source)
    return this.#identified && { id: this.#identified.id, size: this.#identified.size }
  }

  /** Id and size, for which a source may have to be read. */
  async known(): Promise<NonNullable<RunResult['content']>> {
    return isResultSource(this.source) ? contentOf(this.source) : await this.identify()
  }

  async identify(): Promise<Identified> {
    this.#identifying ??= identifyIn(this.source, this.#call, this.#index)
    this.#identified = await this.#identifying
    return this.#identified
  }

  async close(): Promise<void> {
    await this.#identified?.close()
  }
}

function contentOf({ result: { id, size } }: CachedResult): NonNullable<RunResult['content']> {
  return { id: id as ContentId, size }
}
