/**
 * The picture of docs/architecture.md as data: imports point down only, and never sideways.
 *
 * Each inner array is one tier, lowest first. A folder may import itself and lower tiers. Only the
 * composition root (`app`) sees everything; only `cli` and the public entries see `app`.
 */
const TIERS = [
  ['core'],
  ['smtp', 'message', 'dns'],
  ['auth', 'checks', 'filters', 'queue', 'settings'],
  ['hooks'],
  ['engine', 'delivery'],
  ['admin', 'web', 'metrics', 'traces'],
  ['app'],
  ['cli', 'index.ts', 'policy.ts'],
];

/** A folder matches everything below it, a file only itself. */
const pattern = (name) => (name.endsWith('.ts') ? `^src/${name.replace('.', '\\.')}$` : `^src/${name}/`);

const layers = TIERS.flatMap((tier, level) =>
  tier.map((name) => ({
    name: `layer-${name}`,
    comment: `src/${name} is tier ${level}: it may import itself and lower tiers only.`,
    severity: 'error',
    from: { path: pattern(name) },
    to: {
      path: [...tier.filter((other) => other !== name), ...TIERS.slice(level + 1).flat()]
        .map(pattern)
        .concat('^(test|bench|scripts|policies)/'),
    },
  })),
);

export default {
  forbidden: [
    ...layers,
    {
      name: 'no-unknown-folder',
      comment: 'A new folder under src needs a place in TIERS first.',
      severity: 'error',
      from: { path: '^src/', pathNot: TIERS.flat().map(pattern) },
      to: {},
    },
    {
      name: 'no-cycles',
      comment: 'Two files that need each other are one file, or miss a third below them.',
      severity: 'error',
      from: {},
      to: { circular: true },
    },
    {
      name: 'policies-see-only-the-policy-module',
      comment:
        'A policy file imports postern/policy and its neighbours: what a policy needs, it gets from its context.',
      severity: 'error',
      from: { path: '^policies/' },
      to: { pathNot: ['^src/policy\\.ts$', '^policies/'] },
    },
    {
      name: 'no-development-dependency-in-src',
      severity: 'error',
      from: { path: '^(src|policies)/' },
      to: { dependencyTypes: ['npm-dev', 'npm-optional'], dependencyTypesNot: ['npm', 'type-only'] },
    },
    {
      name: 'not-resolvable',
      severity: 'error',
      from: {},
      to: { couldNotResolve: true },
    },
    {
      name: 'smtp-server-behind-its-seam',
      comment: 'One folder knows the listener library; an upgrade is read there.',
      severity: 'error',
      from: { path: '^src/', pathNot: '^src/engine/listener/' },
      to: { path: 'node_modules/smtp-server/' },
    },
    {
      name: 'sqlite-behind-the-store',
      comment: 'Nothing may assume SQLite outside its implementation of the Store port.',
      severity: 'error',
      from: { path: '^src/', pathNot: '^src/queue/sqlite/' },
      to: { path: 'node_modules/better-sqlite3/' },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    exclude: { path: ['^(dist|coverage|var|etc)/'] },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'types', 'node', 'default'],
      extensions: ['.ts', '.js', '.mjs', '.json', '.d.ts'],
    },
  },
};
