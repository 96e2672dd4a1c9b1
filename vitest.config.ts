/**
 * The test projects. `npm test` runs unit, types and conformance; the others run alone.
 *
 * Forked processes, because the SQLite binding is a native module. No retries: a test that passes
 * the second time has found something.
 */
import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

/** A folder for machine-readable results, one file a run; the integration script adds them up. */
const reports = process.env['POSTERN_TEST_REPORTS'];

const at = (path: string): string => fileURLToPath(new URL(path, import.meta.url));

interface ProjectOptions {
  readonly testTimeout?: number;
  readonly hookTimeout?: number;
  /** Off where files start whole engines and would fight for the processor. */
  readonly fileParallelism?: boolean;
  readonly setupFiles?: readonly string[];
}

function project(name: string, options: ProjectOptions = {}) {
  return {
    extends: true as const,
    test: {
      name,
      include: [`test/${name}/**/*.test.ts`],
      ...options,
      setupFiles: [...(options.setupFiles ?? [])],
    },
  };
}

export default defineConfig({
  resolve: {
    alias: [
      { find: /^postern\/policy$/, replacement: at('./src/policy.ts') },
      { find: /^postern$/, replacement: at('./src/index.ts') },
    ],
  },
  test: {
    globalSetup: ['./test/global-setup.ts'],
    pool: 'forks',
    restoreMocks: true,
    unstubEnvs: true,
    retry: 0,
    passWithNoTests: false,
    reporters: reports
      ? ['default', ['json', { outputFile: `${reports}/${process.pid}.json` }]]
      : ['default'],
    coverage: { provider: 'v8', include: ['src/**/*.ts'], reporter: ['text-summary', 'json-summary'] },
    projects: [
      project('unit', { testTimeout: 10_000 }),
      project('types', { testTimeout: 120_000 }),
      project('conformance', { testTimeout: 20_000 }),
      project('integration', { testTimeout: 30_000 }),
      project('oracles', { testTimeout: 60_000, hookTimeout: 120_000 }),
      project('fuzz', { testTimeout: 120_000, setupFiles: ['./test/setup-fuzz.ts'] }),
      project('e2e', { testTimeout: 60_000, fileParallelism: false }),
      project('faults', { testTimeout: 60_000, fileParallelism: false }),
      project('crash', { testTimeout: 120_000, fileParallelism: false }),
    ],
  },
});
