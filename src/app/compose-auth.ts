/**
 * Puts AUTH together: the users file, the counting of wrong passwords, their verification.
 *
 * The file is watched; a change is in force within two seconds, or at once after `reload`. Every
 * change is logged, and so is what is wrong in the file.
 *
 * Callers: app/postern. Rejects with ERR_USERS_FILE when the file cannot be used at the start;
 * afterwards a broken file leaves the users known before in force.
 */
import { createAttempts } from '../auth/attempts.js';
import { type Authenticator, createAuthenticator } from '../auth/authenticator.js';
import { createPasswordHash } from '../auth/password-hash.js';
import { openUsersFile, type UsersFile, type UsersReload } from '../auth/users-file.js';
import type { Clock } from '../core/clock.js';
import { EngineError } from '../core/errors.js';
import type { FactBus } from '../core/facts.js';
import type { Logger } from '../core/log.js';
import type { Config } from './config-types.js';
import type { Teardown } from './teardown.js';

export interface AuthDeps {
  readonly clock: Clock;
  readonly facts: FactBus;
  readonly log: Logger;
}

export interface Auth {
  readonly authenticator: Authenticator;
  /** Takes a changed users file over now. Never rejects. */
  reload(): Promise<void>;
}

/** What the operator hears about the file in use; of many wrong lines the first one. */
function tell(file: string, users: UsersFile, log: Logger): void {
  log.info('users loaded', { file, users: users.size });
  if (users.warning !== undefined) log.warn('the users file is open to others', { reason: users.warning });
  const [first] = users.findings;
  if (!first) return;
  const { line, reason } = first;
  log.warn('lines of the users file are wrong; nobody gets in by them', {
    file,
    wrong: users.findings.length,
    line,
    reason,
  });
}

function reloadTeller(file: string, users: UsersFile, log: Logger): (reload: UsersReload) => void {
  return (reload) => {
    if (reload.status === 'reloaded') tell(file, users, log);
    if (reload.status !== 'kept') return;
    log.error('the users file cannot be used; the users known before stay', { file, reason: reload.reason });
  };
}

/** Nothing without `auth.usersFile`: then nobody can log in. */
export async function composeAuth(
  config: Config,
  deps: AuthDeps,
  teardown: Teardown,
): Promise<Auth | undefined> {
  const { usersFile: file } = config.auth;
  if (file === '') return undefined;
  const { clock, log } = deps;
  const opening = await openUsersFile(file);
  if (opening.status === 'failed') {
    throw new EngineError('ERR_USERS_FILE', { detail: { file, reason: opening.reason } });
  }
  const { users } = opening;
  tell(file, users, log);
  const hear = reloadTeller(file, users, log);
  teardown.add('users file', users.watch(clock, hear));
  const hash = createPasswordHash({ clock });
  return {
    authenticator: createAuthenticator({ ...deps, users, attempts: createAttempts({ clock }), hash }),
    reload: async () => {
      hear(await users.reload());
    },
  };
}
