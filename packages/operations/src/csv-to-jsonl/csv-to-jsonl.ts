import { createRequire } from 'node:module'
import { defineOperation, type Operation } from '@opcache/server/operation'
import { csvToJsonlParams } from './params.js'

const require = createRequire(import.meta.url)

/** Makes a JSON object of each row of a CSV table. Only the declaration is here, as that of `convert`. */
export const csvToJsonl: Operation = defineOperation({
  name: 'csv-to-jsonl',
  version: '1',
  summary: 'A CSV table as JSON Lines: an object a row, named by the header row',
  params: csvToJsonlParams,
  streaming: true,
  get module() {
    return require.resolve('#csv-to-jsonl-run')
  },
})
