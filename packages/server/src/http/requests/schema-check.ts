import { ProtocolError } from '@opcache/protocol'
import { Ajv } from 'ajv'
import type { Static, TSchema } from 'typebox'

const ajv = new Ajv({ strict: false })

/** Makes the check of a message against its schema. The check throws ProtocolError `bad-request`. */
export function messageCheck<Schema extends TSchema>(schema: Schema): (message: unknown) => Static<Schema> {
  const validate = ajv.compile(schema)
  return message => {
    if (validate(message)) return message as Static<Schema>
    const { instancePath = '', message: reason = 'is not valid' } = validate.errors?.[0] ?? {}
    throw new ProtocolError(
      'bad-request',
      `The body is not what this request takes: ${instancePath || 'it'} ${reason}.`,
    )
  }
}
