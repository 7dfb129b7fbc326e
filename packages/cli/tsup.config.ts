import { mkdirSync } from 'node:fs'
import licenses, { type Dependency } from 'esbuild-plugin-license'
import { defineConfig, type Options } from 'tsup'

// The licences are written before the bundler makes the folder.
mkdirSync('dist', { recursive: true })

export default defineConfig({
  entry: { main: 'src/main.ts', 'hashing-thread': '../sdk/src/identify/hashing-thread.ts' },
  format: 'esm',
  target: 'node20',
  clean: true,
  // `node:process` is to be told from other modules below.
  removeNodeProtocol: false,
  // Finding and reading many small files is most of what a start costs, so everything that every command loads is
  // bundled; what package.json names as a dependency stays outside: the server, and what has binaries.
  noExternal: [/^(?!@opcache\/(server|operations)$|blake3-wasm$)/],
  banner: {
    js: "import { createRequire as requireFor } from 'node:module'; const require = requireFor(import.meta.url);",
  },
  // The manual page comes from the same definitions as help.
  onSuccess: 'node dist/main.js manual > dist/opcache.1',
  esbuildOptions: options => {
    // Bundled from the sources of the other packages, so that this package is all there is to rebuild.
    options.conditions = ['opcache-source', 'import', 'node']
  },
  esbuildPlugins: [
    required(/^(node:process|@napi-rs\/blake-hash)$/),
    late('node:crypto', ['createHash', 'randomUUID'], /^(?!.*node_modules)/),
    late('node:child_process', ['spawn'], /node_modules.commander/),
    licenses({ thirdParty: { output: { file: 'third-party-licenses.txt', template: licenseTexts } } }),
  ],
})

/**
 * Has modules required that are imported. To import Node's `process` asks for all that it has, which opens the standard
 * streams; to import a package of CommonJS scans it for the names of what it exports.
 */
function required(filter: RegExp): NonNullable<Options['esbuildPlugins']>[number] {
  return {
    name: 'required',
    setup: build => {
      build.onResolve({ filter }, ({ path, namespace }) =>
        namespace === 'required' ? { path, external: true } : { path, namespace: 'required' },
      )
      build.onLoad({ filter, namespace: 'required' }, ({ path }) => ({
        contents: `module.exports = require(${JSON.stringify(path)})`,
      }))
    },
  }
}

/**
 * Has a module of Node's loaded by the first call of one of `functions`, which are all that the importers use of it: most
 * commands never call them.
 */
function late(
  name: string,
  functions: readonly string[],
  importers: RegExp,
): NonNullable<Options['esbuildPlugins']>[number] {
  return {
    name: `late ${name}`,
    setup: build => {
      build.onResolve({ filter: new RegExp(`^${name}$`) }, ({ importer, namespace }) =>
        namespace !== 'late' && importers.test(importer)
          ? { path: name, namespace: 'late' }
          : { path: name, external: true },
      )
      build.onLoad({ filter: new RegExp(`^${name}$`), namespace: 'late' }, () => ({
        contents: functions
          .map(called => `export const ${called} = (...given) => require('${name}').${called}(...given)`)
          .join('\n'),
      }))
    },
  }
}

/** The licences of what is bundled, in full, as they ask for. */
function licenseTexts(dependencies: readonly Dependency[]): string {
  const texts = dependencies
    .filter(({ packageJson }) => !packageJson.name.startsWith('@opcache/'))
    .map(({ packageJson, licenseText }) => {
      const { name, version, license } = packageJson
      return `${name} ${version} (${license})\n\n${licenseText.trim()}\n`
    })
  return texts.join(`\n${'-'.repeat(80)}\n\n`)
}
