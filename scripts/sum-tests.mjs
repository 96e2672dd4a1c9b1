/**
 * Adds up test reports: `node scripts/sum-tests.mjs FOLDER` ends with the line `N passed, N failed`.
 *
 * The numbers come from the test runner's own JSON reports, one file a run. A test file that did
 * not load counts as one failure, and so does a folder without a single passed test. The exit
 * code is 0 only when nothing failed.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const folder = process.argv[2];
if (folder === undefined) throw new Error('usage: node scripts/sum-tests.mjs FOLDER');

const sum = { passed: 0, failed: 0, skipped: 0 };
for (const name of readdirSync(folder).filter((file) => file.endsWith('.json'))) {
  const report = JSON.parse(readFileSync(join(folder, name), 'utf8'));
  sum.passed += report.numPassedTests;
  sum.failed += report.numFailedTests;
  sum.skipped += report.numPendingTests + report.numTodoTests;
  const unloaded = report.testResults.filter(
    (file) => file.status === 'failed' && !file.assertionResults.some((test) => test.status === 'failed'),
  );
  for (const file of unloaded) process.stdout.write(`did not load: ${file.name}\n`);
  sum.failed += unloaded.length;
}

if (sum.skipped > 0) process.stdout.write(`${sum.skipped} skipped\n`);
process.stdout.write(`${sum.passed} passed, ${sum.failed} failed\n`);
process.exitCode = sum.failed === 0 && sum.passed > 0 ? 0 : 1;
