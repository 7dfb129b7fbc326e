import type { RequestKind } from './request-kind.js'

/** A request as the server saw it. */
export interface RecordedRequest {
  readonly kind: RequestKind
  readonly method: string
  /** Path and query. */
  readonly url: string
  readonly headers: Readonly<Record<string, string | string[] | undefined>>
  /** Bytes of the body that arrived. */
  bodyBytes: number
  /** Bytes of the answer's body that were sent. */
  answerBytes: number
  /** Status of the answer; 0 until there is one. */
  status: number
}

/** What came in since the last `clear`. */
export class Recorder {
  readonly requests: RecordedRequest[] = []

  record(request: RecordedRequest): void {
    this.requests.push(request)
  }

  /** The requests of one kind. */
  of(kind: RequestKind): RecordedRequest[] {
    return this.requests.filter(request => request.kind === kind)
  }

  /** Bytes of all bodies that arrived for requests of these kinds; of all kinds by default. */
  bodyBytes(...kinds: RequestKind[]): number {
    return this.requests
      .filter(({ kind }) => kinds.length === 0 || kinds.includes(kind))
      .reduce((sum, { bodyBytes }) => sum + bodyBytes, 0)
  }

  clear(): void {
    this.requests.length = 0
  }
}
