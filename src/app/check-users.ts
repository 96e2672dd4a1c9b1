/**
 * `postern check`: can the users file be used, is every line of it right, and can they log in.
 *
 * Callers: app/check. A file that a start would refuse is an error; a user who could not log in is
 * a warning.
 */
import { openUsersFile, type UsersFile } from '../auth/users-file.js';
import type { CheckStep, Finding } from './check-step.js';
import { hasTls } from './config-listener-checks.js';
import type { Config } from './config-types.js';

/** Enough to see what kind of mistake it is. */
const LINES_SHOWN = 10;

function lineFindings(file: string, { findings }: UsersFile): readonly Finding[] {
  const shown = findings.slice(0, LINES_SHOWN).map(
    ({ line, reason }): Finding => ({
      severity: 'warning',
      message: `${file}:${line}: ${reason}`,
      hint: 'Mend or remove the line; nobody gets in by it.',
    }),
  );
  if (findings.length <= LINES_SHOWN) return shown;
  const message = `${file}: ${findings.length - LINES_SHOWN} more lines are wrong`;
  return [...shown, { severity: 'warning', message, hint: 'postern user list shows them all.' }];
}

function fileFindings(file: string, users: UsersFile): readonly Finding[] {
  const found: Finding[] = [...lineFindings(file, users)];
  if (users.size === 0) {
    const hint = 'postern user add makes one; a running Postern takes it over by itself.';
    found.push({ severity: 'warning', message: `${file} has no users; nobody can log in`, hint });
  }
  if (users.warning !== undefined) {
    found.push({ severity: 'warning', message: users.warning, hint: `chmod 600 ${file}` });
  }
  return found;
}

/** Users who can log in nowhere, because no listener may take their passwords. */
function wayFindings(config: Config): readonly Finding[] {
  const takesLogins = config.listeners.some(
    (listener) => listener.auth !== 'never' && (listener.authInClear || hasTls(listener, config)),
  );
  if (takesLogins) return [];
  const message = 'auth.usersFile: no listener offers AUTH; it is offered over TLS only';
  const hint =
    'Set tls.certificate and tls.key, or authInClear on a listener that nobody can listen in on; see docs/operations/listeners.md.';
  return [{ severity: 'warning', message, hint }];
}

export const usersStep: CheckStep = {
  name: 'users',
  async run(config) {
    const { usersFile: file } = config.auth;
    if (file === '') return [];
    const opening = await openUsersFile(file);
    if (opening.status === 'opened') return [...fileFindings(file, opening.users), ...wayFindings(config)];
    const hint = 'postern user add makes the file and its first user.';
    const message = `auth.usersFile: ${file} cannot be used: ${opening.reason}`;
    return [{ severity: 'error', message, hint }];
  },
};
