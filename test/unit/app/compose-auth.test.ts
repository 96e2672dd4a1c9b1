import { chmodSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { type Auth, composeAuth } from '../../../src/app/compose-auth.js';
import { loadConfig } from '../../../src/app/load-config.js';
import { Teardown } from '../../../src/app/teardown.js';
import { createFactBus } from '../../../src/core/facts.js';
import { type Logger, silentLogger } from '../../../src/core/log.js';
import { createFakeClock } from '../../helpers/fake-clock.js';
import { tempFolder } from '../../helpers/temp-folder.js';

const clock = createFakeClock();
const facts = createFactBus((error) => {
  throw error;
});

/** A bench with a users file of this text; none when it is undefined. */
function createBench(text: string | undefined) {
  const cwd = tempFolder();
  const file = join(cwd, 'users');
  const lines: string[] = [];
  const hear = (line: string): void => {
    lines.push(line);
  };
  const log: Logger = { ...silentLogger, info: hear, warn: hear, error: hear };
  const write = (now: string): void => {
    writeFileSync(file, now, { mode: 0o600 });
  };
  if (text !== undefined) write(text);
  const teardown = new Teardown(silentLogger);
  const compose = (usersFile: string): Promise<Auth | undefined> => {
    const { config } = loadConfig({ cwd, file: null, machine: 'mx', settings: { auth: { usersFile } } });
    return composeAuth(config, { clock, facts, log }, teardown);
  };
  return { file, lines, write, teardown, compose };
}

const ANN = 'ann:{PLAIN}right\n';

/** Each attempt from an address of its own, so that none waits for the failure of another. */
let attempts = 0;
async function canLogIn(auth: Auth | undefined, user: string): Promise<boolean | undefined> {
  const credentials = { mechanism: 'PLAIN', user, password: 'right' } as const;
  attempts += 1;
  const origin = { session: 's1', remoteIp: `192.0.2.${attempts}` };
  const outcome = await auth?.authenticator.authenticate(credentials, origin);
  return outcome && outcome.status === 'ok';
}

describe('AUTH', () => {
  it('is not there without a users file', async () => {
    expect(await createBench(undefined).compose('')).toBeUndefined();
  });

  it('does not start without the file that is named', async () => {
    await expect(createBench(undefined).compose('./users')).rejects.toMatchObject({
      code: 'ERR_USERS_FILE',
      message: expect.stringMatching(/users cannot be used: ENOENT/) as string,
    });
  });

  it('takes a changed file over when asked, and keeps the users when it is broken', async () => {
    const { file, lines, write, teardown, compose } = createBench(ANN);
    const auth = await compose('./users');
    expect([await canLogIn(auth, 'ann'), await canLogIn(auth, 'eve')]).toEqual([true, false]);
    write(`${ANN}eve:{PLAIN}right\n`);
    await auth?.reload();
    expect(await canLogIn(auth, 'eve')).toBe(true);
    rmSync(file);
    await auth?.reload();
    expect(await canLogIn(auth, 'eve')).toBe(true);
    expect(lines).toEqual([
      'users loaded',
      'users loaded',
      'the users file cannot be used; the users known before stay',
    ]);
    await teardown.run();
    expect(clock.pending()).toBe(0);
  });

  it('tells wrong lines and a file that is open to others', async () => {
    const { file, lines, teardown, compose } = createBench(`${ANN}nonsense\n`);
    chmodSync(file, 0o644);
    await compose('./users');
    expect(lines).toEqual([
      'users loaded',
      'the users file is open to others',
      'lines of the users file are wrong; nobody gets in by them',
    ]);
    await teardown.run();
  });
});
