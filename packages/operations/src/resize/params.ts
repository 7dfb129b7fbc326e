import { type Static, Type } from 'typebox'

const side = (description: string) =>
  Type.Optional(Type.Integer({ minimum: 1, maximum: 16_383, description }))

/** The parameters of `resize`. */
export const resizeParams = Type.Object(
  {
    width: side('Width in pixels; left out, it follows from the height.'),
    height: side('Height in pixels; left out, it follows from the width.'),
    fit: Type.Union(
      ['inside', 'outside', 'cover', 'contain', 'fill'].map(fit => Type.Literal(fit as 'inside')),
      {
        default: 'inside',
        description:
          'What happens to an image of other proportions when both sides are given: inside and outside keep all of it, cover cuts, contain adds a border, fill distorts.',
      },
    ),
  },
  { additionalProperties: false, anyOf: [{ required: ['width'] }, { required: ['height'] }] },
)

/** The parameters of `resize`, as a run gets them. */
export type ResizeParams = Static<typeof resizeParams>
