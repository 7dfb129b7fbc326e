import { usageError } from '../failure/command-error.js'
import type { UploadFlags } from './upload-flags.js'

/** Options that say opposite things, with why, and what to do. */
const CONTRADICTIONS: readonly {
  isMet(flags: UploadFlags, words: readonly string[]): boolean
  readonly message: string
  readonly advice: string
}[] = [
  {
    isMet: (_flags, words) => words.filter(word => word === '-').length > 1,
    message: 'Standard input (-) can be a source once only.',
    advice: 'Leave the other - out.',
  },
  {
    isMet: ({ unique, resource, onlyIfCached }) => !!unique && (resource !== undefined || !!onlyIfCached),
    message: '--unique uses a new key each time, so nothing can be found under it.',
    advice: 'Leave out --unique, or --resource and --only-if-cached.',
  },
  {
    isMet: ({ stream, onlyIfCached, resource }) => !!stream && !!onlyIfCached && resource === undefined,
    message: '--stream does not read the source before it asks, so nothing can be found under its content.',
    advice: 'Leave out --stream or --only-if-cached, or name the source with --resource.',
  },
  {
    isMet: ({ watch, detach, explain }) => [watch, detach, explain].filter(Boolean).length > 1,
    message: '--watch, --detach and --explain do different things.',
    advice: 'Leave out all but one of them.',
  },
  {
    isMet: ({ watch }, words) => !!watch && words.includes('-'),
    message: 'Standard input (-) cannot be watched: it can be read once only.',
    advice: 'Name files or folders, or leave out --watch.',
  },
  {
    isMet: ({ detach, output, then, stream, onlyIfCached }) =>
      !!detach && (output !== undefined || then !== undefined || !!stream || !!onlyIfCached),
    message:
      '--detach leaves before there is a result, so it goes neither with -o nor with --then, --stream and --only-if-cached.',
    advice: 'Leave them out; `opcache get <key> -o <file>` fetches the result later.',
  },
  {
    isMet: ({ explain, unique, stream }) => !!explain && (!!unique || !!stream),
    message: '--explain tells of a key that is made from the source; with --unique or --stream it is not.',
    advice: 'Leave them out.',
  },
]

/** @throws CommandError for options that contradict each other */
export function checkFlags(flags: UploadFlags, words: readonly string[]): void {
  const met = CONTRADICTIONS.find(({ isMet }) => isMet(flags, words))
  if (met) throw usageError(met.message, met.advice)
}
