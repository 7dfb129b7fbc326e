import { readFileSync } from 'node:fs'
import type { Descriptor } from '../src/index.js'

interface ContentIdVectors {
  labels: { block: string; content: string; key: string }
  keys: { block: string; content: string; key: string }
  contents: {
    size: number
    blocks: number
    manifest: string[]
    firstElementFirst32: string | null
    accumulatorBlake3: string
    contentId: string
  }[]
}

interface EntryKeyVectors {
  label: string
  entries: { descriptor: Descriptor; canonical: string; key: string }[]
}

export const contentIdVectors = readVectors('content-id.json') as ContentIdVectors
export const entryKeyVectors = readVectors('entry-key.json') as EntryKeyVectors

function readVectors(name: string): unknown {
  return JSON.parse(readFileSync(new URL(`vectors/${name}`, import.meta.url), 'utf8'))
}
