import type { Static } from 'typebox'
import * as Type from 'typebox'

const flag = (description: string) => Type.Boolean({ default: false, description })

/** The parameters of `grep`. */
export const grepParams = Type.Object(
  {
    pattern: Type.String({
      minLength: 1,
      maxLength: 1_000,
      description: 'What a line has to contain: a regular expression in the syntax of RE2',
    }),
    fixed: flag('Whether the pattern is a text and no regular expression'),
    ignoreCase: flag('Whether upper and lower case are the same'),
    invert: flag('Whether the other lines are kept: those that do not contain it'),
  },
  { additionalProperties: false },
)

/** The parameters of `grep`, as a run gets them. */
export type GrepParams = Static<typeof grepParams>
