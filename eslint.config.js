/**
 * Lint rules, all of them errors. Formatting is Biome's business and none of it is here.
 *
 * Three groups: typed rules that catch lost promises and incomplete switches; the size budgets;
 * and the borders (files, sockets, time, chance) that only named folders may cross. Folder-to-folder
 * imports are the business of `.dependency-cruiser.mjs`.
 */
import { readFileSync } from 'node:fs';
import tseslint from 'typescript-eslint';

const TYPED = [
  'src/**/*.ts',
  'policies/**/*.ts',
  'test/**/*.ts',
  'bench/**/*.ts',
  'scripts/**/*.ts',
  '*.config.ts',
];
const PLAIN = ['**/*.js', '**/*.mjs'];

/** Long by nature: one row per documented thing. */
const TABLES = [
  'src/hooks/table/**',
  'src/core/error-table.ts',
  'src/app/config-schema.ts',
  // One case for each cell of the table, written by `npm run gen`.
  'test/types/on-*.test-d.ts',
];

/** Where the documented names of variables, events and methods are declared or destructured. */
const POLICY_SURFACE = [
  'src/hooks/**/*.ts',
  'src/policy.ts',
  'policies/**/*.ts',
  'test/**/*.ts',
  'bench/**/*.ts',
];

/** The documented names that are not camelCase, read from the table: DNSBLResult, SPFExplanation and so on. */
const VARIABLES = readFileSync(new URL('./src/hooks/table/variables.ts', import.meta.url), 'utf8');
const DOCUMENTED = `^(${[...VARIABLES.matchAll(/^ {2}([A-Z]\w+): \{/gm)].map((row) => row[1]).join('|')})$`;

/** Who may touch what outside the process. Everybody else goes through a port. */
const OWNERS = {
  files: [
    'src/queue/**',
    'src/delivery/**',
    'src/app/**',
    'src/cli/**',
    'src/traces/**',
    'src/hooks/load*.ts',
    'src/hooks/load/**',
    'src/hooks/reload*.ts',
    'src/checks/geo-ip-reader.ts',
    'src/auth/users-file*.ts',
    // Reports on a blocked main thread, which can be asked for nothing.
    'src/hooks/watchdog/dog.ts',
    'src/message/mime/worker.ts',
  ],
  sockets: [
    'src/engine/listener/**',
    'src/dns/**',
    'src/delivery/**',
    'src/filters/**',
    'src/metrics/**',
    'src/admin/**',
    'src/web/**',
    'src/cli/**',
  ],
  clock: ['src/core/clock.ts', 'src/hooks/watchdog/dog.ts'],
};

const FILES = ['node:fs', 'node:fs/promises', 'fs', 'fs/promises'].map((name) => ({
  name,
  message: 'Files belong to the folders listed in eslint.config.js (OWNERS.files).',
}));

/** `isIP` and its kin only look at text and stay free for all. */
const PURE_NET = ['isIP', 'isIPv4', 'isIPv6', 'BlockList', 'SocketAddress'];
const SOCKETS = [
  {
    name: 'node:net',
    allowImportNames: PURE_NET,
    message: 'Sockets belong to the folders listed in eslint.config.js (OWNERS.sockets).',
  },
  ...['node:tls', 'node:dgram', 'node:http', 'node:https', 'node:http2'].map((name) => ({
    name,
    allowTypeImports: true,
    message: 'Sockets belong to the folders listed in eslint.config.js (OWNERS.sockets).',
  })),
];

const NEVER = [
  ...['node:dns', 'node:dns/promises', 'dns'].map((name) => ({
    name,
    message: 'DNS only through the Resolver port.',
  })),
  ...['node:timers', 'node:timers/promises'].map((name) => ({
    name,
    message: 'Timers only through the Clock port.',
  })),
  {
    name: 'node:crypto',
    importNames: ['randomBytes', 'randomUUID', 'randomInt', 'randomFill', 'randomFillSync', 'webcrypto'],
    message: 'Chance only through the Clock port.',
  },
];

/** Importing the whole module would walk around the list of names. */
const borders = (...paths) => ({
  '@typescript-eslint/no-restricted-imports': ['error', { paths: [...NEVER, ...paths.flat()] }],
});

const NO_DEFAULT_EXPORT = {
  selector: 'ExportDefaultDeclaration',
  message: 'No default exports in src: a name survives a search.',
};

const NO_LOOSE_TIME = [
  { selector: "NewExpression[callee.name='Date'][arguments.length=0]", message: 'Use clock.now().' },
  {
    selector: "MemberExpression[object.name='AbortSignal'][property.name='timeout']",
    message: 'Use clock.after() with an AbortController.',
  },
];

const LOOSE_TIME_PROPERTIES = [
  { object: 'Date', property: 'now', message: 'Use clock.now().' },
  { object: 'performance', property: 'now', message: 'Use clock.elapsed().' },
  { object: 'process', property: 'hrtime', message: 'Use clock.elapsed().' },
  { object: 'Math', property: 'random', message: 'Use clock.random().' },
  { object: 'globalThis', property: 'setTimeout', message: 'Use clock.after().' },
  { object: 'globalThis', property: 'setInterval', message: 'Use clock.after().' },
];

const LOOSE_TIME_GLOBALS = ['setTimeout', 'setInterval'].map((name) => ({
  name,
  message: 'Use clock.after().',
}));

const NAMES = [
  { selector: 'default', format: ['camelCase'], leadingUnderscore: 'allow', trailingUnderscore: 'forbid' },
  { selector: 'variable', format: ['camelCase', 'UPPER_CASE'], leadingUnderscore: 'allow' },
  { selector: 'parameter', format: ['camelCase'], leadingUnderscore: 'allow' },
  { selector: 'import', format: null },
  { selector: 'typeLike', format: ['PascalCase'] },
  { selector: 'enumMember', format: ['PascalCase'] },
  // Keys of objects and types are often somebody else's words: headers, verbs, row names, handlers.
  { selector: ['property', 'objectLiteralMethod', 'typeProperty', 'typeMethod'], format: null },
];

const SURFACE_NAMES = [
  ...NAMES,
  {
    selector: ['variable', 'parameter'],
    filter: { regex: DOCUMENTED, match: true },
    format: null,
  },
  { selector: 'variable', modifiers: ['destructured'], format: null },
];

export default tseslint.config(
  {
    ignores: [
      'dist/**',
      'coverage/**',
      'var/**',
      'node_modules/**',
      'test/fixtures/**',
      'etc/**',
      'src/web/static/**',
    ],
  },
  { linterOptions: { reportUnusedDisableDirectives: 'error' } },
  {
    files: TYPED,
    extends: [tseslint.configs.recommendedTypeChecked],
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    rules: {
      '@typescript-eslint/no-floating-promises': ['error', { ignoreVoid: false }],
      '@typescript-eslint/no-misused-promises': 'error',
      '@typescript-eslint/switch-exhaustiveness-check': [
        'error',
        { considerDefaultExhaustiveForUnions: true, requireDefaultForNonUnion: true },
      ],
      '@typescript-eslint/only-throw-error': 'error',
      '@typescript-eslint/no-explicit-any': 'error',
      '@typescript-eslint/no-non-null-assertion': 'error',
      '@typescript-eslint/consistent-type-imports': ['error', { fixStyle: 'separate-type-imports' }],
      '@typescript-eslint/prefer-promise-reject-errors': 'error',
      '@typescript-eslint/restrict-template-expressions': [
        'error',
        { allowNumber: true, allowBoolean: true },
      ],
      '@typescript-eslint/naming-convention': ['error', ...NAMES],
      '@typescript-eslint/no-unused-vars': [
        'error',
        { argsIgnorePattern: '^_', varsIgnorePattern: '^_', caughtErrors: 'all' },
      ],
      // An async method may have nothing to await when the interface it fills is asynchronous.
      '@typescript-eslint/require-await': 'off',
      eqeqeq: 'error',
      // An exhaustive switch counts once: its cases are a table, not branches to keep in mind.
      complexity: ['error', { max: 12, variant: 'modified' }],
      'max-params': ['error', 4],
      'max-lines': ['error', 300],
      'max-lines-per-function': ['error', { max: 60, skipBlankLines: true, skipComments: true, IIFEs: true }],
      'no-console': 'error',
      'no-empty': ['error', { allowEmptyCatch: false }],
      'no-promise-executor-return': 'error',
      'prefer-const': 'error',
    },
  },
  { files: POLICY_SURFACE, rules: { '@typescript-eslint/naming-convention': ['error', ...SURFACE_NAMES] } },
  {
    files: ['src/**/*.ts'],
    rules: {
      ...borders(FILES, SOCKETS),
      'no-restricted-syntax': ['error', NO_DEFAULT_EXPORT, ...NO_LOOSE_TIME],
      'no-restricted-properties': ['error', ...LOOSE_TIME_PROPERTIES],
      'no-restricted-globals': ['error', ...LOOSE_TIME_GLOBALS],
    },
  },
  { files: OWNERS.files, rules: borders(SOCKETS) },
  { files: OWNERS.sockets, rules: borders(FILES) },
  { files: OWNERS.files.filter((glob) => OWNERS.sockets.includes(glob)), rules: borders() },
  {
    files: OWNERS.clock,
    rules: {
      'no-restricted-syntax': ['error', NO_DEFAULT_EXPORT],
      'no-restricted-properties': 'off',
      'no-restricted-globals': 'off',
    },
  },
  { files: ['src/core/clock.ts'], rules: { '@typescript-eslint/no-restricted-imports': 'off' } },
  { files: TABLES, rules: { 'max-lines': 'off' } },
  // What people read on a terminal is printed here and nowhere else.
  { files: ['src/cli/**/*.ts', 'scripts/**/*.ts', 'bench/**/*.ts'], rules: { 'no-console': 'off' } },
  {
    files: ['test/**/*.ts'],
    rules: {
      'max-lines-per-function': 'off',
      'no-promise-executor-return': 'off',
      // `expect(spy.method)` names a method without calling it.
      '@typescript-eslint/unbound-method': 'off',
    },
  },
  {
    // Each line there is a forbidden use, pinned by @ts-expect-error.
    files: ['test/types/**/*.ts'],
    rules: {
      '@typescript-eslint/no-unsafe-assignment': 'off',
      '@typescript-eslint/no-unsafe-call': 'off',
      '@typescript-eslint/no-unsafe-member-access': 'off',
      '@typescript-eslint/no-unsafe-return': 'off',
      '@typescript-eslint/no-unused-expressions': 'off',
      '@typescript-eslint/no-floating-promises': 'off',
      '@typescript-eslint/no-misused-promises': 'off',
    },
  },
  {
    files: PLAIN,
    rules: {
      eqeqeq: 'error',
      complexity: ['error', 12],
      'max-lines': ['error', 300],
      'prefer-const': 'error',
    },
  },
);
