import type { Static } from 'typebox'
import * as Type from 'typebox'

/** The parameters of `csv-to-jsonl`. */
export const csvToJsonlParams = Type.Object(
  {
    delimiter: Type.Enum([',', ';', '|', 'tab'], { default: ',', description: 'What separates the cells' }),
  },
  { additionalProperties: false },
)

/** The parameters of `csv-to-jsonl`, as a run gets them. */
export type CsvToJsonlParams = Static<typeof csvToJsonlParams>
