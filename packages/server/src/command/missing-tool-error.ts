import { toolWithPackage } from '../operations/tool-package.js'

/** A command-line tool is not installed where it is needed. Nothing is wrong with the input: an installation heals it. */
export class MissingToolError extends Error {
  override readonly name = 'MissingToolError'

  constructor(readonly tool: string) {
    super(
      `${toolWithPackage(tool)} is not installed on the server. Install it, or ask who runs the server, and try again.`,
    )
  }
}
