import { mkdirSync } from 'node:fs'
import { transform } from 'esbuild'
import licenses, { type Dependency } from 'esbuild-plugin-license'
import { defineConfig, type Options } from 'tsup'

type Plugin = NonNullable<Options['plugins']>[number]

// The licences are written before the bundler makes the folder.
mkdirSync('dist', { recursive: true })

/**
 * Node begins with CommonJS at once; for modules it loads more of itself first, and looks at all that its own modules
 * export. The bundler splits modules only, so what it made of them is translated.
 */
const asCommonJs: Plugin = {
  name: 'as CommonJS',
  renderChunk: async code =>
    transform(code, {
      format: 'cjs',
      platform: 'node',
      target: 'node20',
      supported: { 'dynamic-import': false },
      // Asked for by what requires something beside its own file, which takes a path as well.
      define: { 'import.meta.url': '__filename' },
    }),
}

export default defineConfig({
  entry: { main: 'src/main.ts', 'hashing-thread': '../sdk/src/identify/hashing-thread.ts' },
  format: 'esm',
  outExtension: () => ({ js: '.cjs' }),
  plugins: [asCommonJs],
  target: 'node20',
  clean: true,
  // Node's own modules are told by these names below.
  removeNodeProtocol: false,
  // Finding and reading many small files is most of what a start costs, so everything that every command loads is
  // bundled; what package.json names as a dependency stays outside: the server, and what has binaries.
  noExternal: [/^(?!(@opcache\/(server|operations)|@napi-rs\/blake-hash|blake3-wasm)$)/],
  // The manual page comes from the same definitions as help.
  onSuccess: 'node dist/main.cjs manual > dist/opcache.1',
  esbuildOptions: options => {
    // Bundled from the sources of the other packages, so that this package is all there is to rebuild.
    options.conditions = ['opcache-source', 'import', 'node']
  },
  esbuildPlugins: [
    late('node:crypto', ['createHash', 'randomUUID'], /^(?!.*node_modules)/),
    late('node:child_process', ['spawn'], /node_modules.commander/),
    licenses({ thirdParty: { output: { file: 'third-party-licenses.txt', template: licenseTexts } } }),
  ],
})

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
