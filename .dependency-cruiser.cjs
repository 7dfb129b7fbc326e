/** Imports run one way; see ARCHITECTURE.md. Only sources are bound: tests may reach for any package. */
const layer = (name, allowed) => ({
  name: `layer-${name}`,
  comment: `${name} may import only: ${allowed.join(', ') || 'nothing of ours'}`,
  severity: 'error',
  from: { path: `^packages/${name}/src` },
  to: { path: '^packages/', pathNot: [`^packages/${name}/`, ...allowed.map(other => `^packages/${other}/`)] },
})

module.exports = {
  forbidden: [
    layer('protocol', []),
    layer('sdk', ['protocol']),
    layer('server', ['protocol']),
    layer('operations', ['server']),
    layer('cli', ['protocol', 'sdk', 'server', 'operations']),
    layer('server-mock', ['protocol', 'server']),
    {
      name: 'protocol-is-pure',
      comment: 'protocol does no I/O and runs anywhere',
      severity: 'error',
      from: { path: '^packages/protocol/src' },
      to: { dependencyTypes: ['core'] },
    },
    {
      name: 'engine-knows-no-driver-and-no-http',
      severity: 'error',
      from: { path: '^packages/server/src/(engine|ports)' },
      to: { path: '^packages/server/src/(drivers|http)' },
    },
    {
      name: 'drivers-know-only-ports',
      severity: 'error',
      from: { path: '^packages/server/src/drivers' },
      to: { path: '^packages/server/src/(engine|http|execution)' },
    },
    {
      name: 'cli-loads-the-server-lazily',
      comment: 'the server is loaded by a dynamic import, only to embed or to serve',
      severity: 'error',
      from: { path: '^packages/cli/src' },
      to: { path: '^packages/(server|operations)/', dependencyTypesNot: ['type-only'], dynamic: false },
    },
    { name: 'no-cycles', severity: 'error', from: { path: '^packages' }, to: { circular: true } },
  ],
  options: {
    doNotFollow: { path: 'node_modules|dist' },
    exclude: { path: '(^|/)dist/' },
    tsConfig: { fileName: 'tsconfig.json' },
    tsPreCompilationDeps: 'specify',
    enhancedResolveOptions: { conditionNames: ['opcache-source', 'import', 'node', 'default'] },
  },
}
