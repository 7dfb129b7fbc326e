import { readdirSync, readFileSync } from 'node:fs'
import { builtinModules } from 'node:module'
import { posix } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'

const SOURCE = fileURLToPath(new URL('../src/', import.meta.url))
const files = readdirSync(SOURCE, { recursive: true, encoding: 'utf8' }).filter(name => name.endsWith('.ts'))

/** What a file imports or exports from, statically and dynamically. A name has no spaces; what is between two texts does. */
function importsOf(text: string): string[] {
  return [...text.matchAll(/(?:\bfrom|\bimport|\bimport\s*\(|\brequire\s*\()\s*['"]([^'"\s]+)['"]/g)].map(
    match => match[1]!,
  )
}

describe('the sources', () => {
  it('are found, with their imports of every form', () => {
    expect(files).toContain('index.ts')
    expect(importsOf(readFileSync(`${SOURCE}blake3/load.ts`, 'utf8'))).toEqual([
      './blake3.js',
      './native.js',
      './portable.js',
    ])
  })

  it.each(files)('import nothing of Node, so that they run anywhere: %s', file => {
    const imports = importsOf(readFileSync(SOURCE + file, 'utf8'))
    expect(imports.filter(name => name.startsWith('node:') || builtinModules.includes(name))).toEqual([])
  })

  it('import only declared dependencies and each other', () => {
    const { dependencies } = JSON.parse(readFileSync(`${SOURCE}../package.json`, 'utf8')) as {
      dependencies: Record<string, string>
    }
    const foreign = files
      .flatMap(file => importsOf(readFileSync(SOURCE + file, 'utf8')))
      .filter(name => !name.startsWith('.'))
    expect([...new Set(foreign)].sort()).toEqual(Object.keys(dependencies).sort())
  })

  it('load no schemas for those who only speak the protocol', () => {
    const loaded = new Set<string>()
    const load = (file: string) => {
      if (loaded.has(file)) return
      loaded.add(file)
      const values = readFileSync(SOURCE + file, 'utf8').replaceAll(
        /^(import|export) type [^;]*?from .*$/gm,
        '',
      )
      for (const name of importsOf(values)) {
        if (name.startsWith('.')) load(posix.join(posix.dirname(file), name).replace(/js$/, 'ts'))
        else loaded.add(name)
      }
    }
    load('index.ts')
    expect(loaded).toContain('identity/entry-key.ts')
    expect(loaded).not.toContain('typebox')
    load('schemas.ts')
    expect(loaded).toContain('typebox')
  })
})
