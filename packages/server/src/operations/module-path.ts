import { resolve } from 'node:path'
import { fileURLToPath } from 'node:url'

/** The path of an operation's module: a path, seen from `folder`, or a `file:` URL, as `import.meta.resolve` gives. */
export function modulePath(module: string, folder: string): string {
  return module.startsWith('file:') ? fileURLToPath(module) : resolve(folder, module)
}
