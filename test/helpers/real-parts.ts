/**
 * Real programs as peers of a test: found, skipped aloud, or demanded.
 *
 * A developer without the program sees which test was skipped and what to install. Where
 * POSTERN_REQUIRE_REAL=1 is set, as on the machine that judges a release, a missing program is a
 * failure, so that a skip cannot hide there.
 *
 *     const rbldnsd = requireProgram('rbldnsd', 'rbldnsd');
 *     describe.skipIf(rbldnsd === undefined)('against rbldnsd', () => { ... });
 */
import { accessSync, constants, existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';

/** Daemons live here on Debian, and the search path of an ordinary user leaves them out. */
const DAEMON_FOLDERS = ['/usr/local/sbin', '/usr/sbin', '/sbin'];

/** The full path of the program; `undefined` when it is missing and may be. */
export function requireProgram(name: string, debianPackage: string): string | undefined {
  const folders = [...(process.env['PATH'] ?? '').split(delimiter), ...DAEMON_FOLDERS];
  const found = folders.map((folder) => join(folder, name)).find(isExecutable);
  if (found !== undefined) return found;
  return lack(name, debianPackage);
}

/** The path of a file that a package brings, such as a module of Perl; `undefined` when it is missing and may be. */
export function requireFile(path: string, debianPackage: string): string | undefined {
  return existsSync(path) ? path : lack(path, debianPackage);
}

function lack(what: string, debianPackage: string): undefined {
  const text = `${what} is not installed (Debian package ${debianPackage})`;
  if (process.env['POSTERN_REQUIRE_REAL'] === '1') throw new Error(`${text}, and POSTERN_REQUIRE_REAL=1`);
  process.stderr.write(`skipped: ${text}\n`);
  return undefined;
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
