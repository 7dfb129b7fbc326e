import { resolve } from 'node:path'
import type { CommandPart } from './operation.js'

/** A command whose tool is a path, such as `./mend.sh`, with that path seen from `folder`; any other as it is. */
export function withToolPath(command: readonly CommandPart[], folder: string): readonly CommandPart[] {
  const [tool, ...args] = command
  return typeof tool === 'string' && /[/\\]/.test(tool) ? [resolve(folder, tool), ...args] : command
}
