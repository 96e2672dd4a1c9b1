import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { defineUserCommand } from '../../../../src/cli/commands/user.js';
import { runCli } from '../../../../src/cli/program.js';
import type { SecretInput } from '../../../../src/cli/secret-input.js';
import { tempFolder } from '../../../helpers/temp-folder.js';
import { createTerminalDouble } from '../../../helpers/terminal-double.js';

/** Answers from a list; what is asked beyond it is cancelled. */
function createAnswers(isInteractive: boolean, ...texts: readonly string[]): SecretInput {
  const rest = [...texts];
  const next = async () => {
    const text = rest.shift();
    return text === undefined ? ({ status: 'cancelled' } as const) : ({ status: 'ok', text } as const);
  };
  return { isInteractive, ask: next, readLine: next };
}

function createBench() {
  const cwd = tempFolder();
  const path = join(cwd, 'users');
  writeFileSync(join(cwd, 'postern.yaml'), 'auth:\n  usersFile: ./users\n');
  const run = async (words: readonly string[], input: SecretInput = createAnswers(true)) => {
    const terminal = createTerminalDouble(cwd);
    const status = await runCli(['user', ...words], terminal, [
      {
        name: 'user',
        summary: 'users',
        group: 'Set up:',
        load: () =>
          Promise.resolve({
            defineCommand: (command, frame) => {
              defineUserCommand(command, frame, input);
            },
          }),
      },
    ]);
    return { status, out: terminal.printed(), err: terminal.complained() };
  };
  return { cwd, path, run };
}

describe('postern user', () => {
  it('adds a user with a hash, verifies, changes and removes it', async () => {
    const { path, run } = createBench();
    const added = await run(['add', 'ann'], createAnswers(true, 'first one', 'first one'));
    expect(added).toEqual({ status: 0, out: `ann added to ${path}`, err: '' });
    expect(readFileSync(path, 'utf8')).toMatch(/^ann:\$scrypt\$ln=15,r=8,p=1\$[^\n]+\n$/);
    expect(statSync(path).mode & 0o777).toBe(0o600);

    const right = await run(['verify', 'ann', '--stdin'], createAnswers(false, 'first one'));
    expect(right).toEqual({ status: 0, out: 'the password is right', err: '' });
    const wrong = await run(['verify', 'ann'], createAnswers(true, 'first'));
    expect(wrong).toEqual({ status: 1, out: 'the password is wrong', err: '' });

    const changed = await run(['passwd', 'ann', '--stdin'], createAnswers(false, 'second'));
    expect(changed.out).toBe(`ann has a new password in ${path}`);
    expect((await run(['verify', 'ann'], createAnswers(true, 'first one'))).status).toBe(1);
    expect((await run(['verify', 'ann'], createAnswers(true, 'second'))).status).toBe(0);

    expect((await run(['remove', 'ann'])).out).toBe(`ann removed from ${path}`);
    expect(readFileSync(path, 'utf8')).toBe('');
  });

  it('keeps a plain secret only when it is told to, and says what that means', async () => {
    const { path, run } = createBench();
    const { status, err } = await run(['add', 'tim', '--plain', '--stdin'], createAnswers(false, 'tanstaaf'));
    expect(status).toBe(0);
    expect(err).toMatch(/stands in the file as it is, for CRAM-MD5/);
    expect(readFileSync(path, 'utf8')).toBe('tim:{PLAIN}tanstaaf\n');
    const blank = await run(['passwd', 'tim', '--plain', '--stdin'], createAnswers(false, ' tanstaaf'));
    expect(blank).toMatchObject({ status: 1, err: expect.stringContaining('blank') as unknown });
  });

  it.each([
    ['add', 'ann', /ann is in the file already/],
    ['passwd', 'tim', /tim is not in the file/],
    ['remove', 'tim', /tim is not in the file/],
    ['verify', 'tim', /tim is not in the file/],
  ])('%s %s is refused before a password is asked for', async (verb, name, message) => {
    const { path, run } = createBench();
    writeFileSync(path, 'ann:{PLAIN}a\n');
    const never: SecretInput = {
      isInteractive: true,
      ask: () => Promise.reject(new Error('asked')),
      readLine: () => Promise.reject(new Error('asked')),
    };
    const { status, err } = await run([verb, name], never);
    expect(status).toBe(1);
    expect(err).toMatch(message);
    expect(readFileSync(path, 'utf8')).toBe('ann:{PLAIN}a\n');
  });

  it.each([
    ['two passwords that differ', createAnswers(true, 'one', 'two'), 1, /differ/],
    ['no password', createAnswers(true), 1, /no password was given/],
    ['an empty password', createAnswers(true, ''), 1, /is empty/],
    ['a control character', createAnswers(true, 'a\tb'), 1, /control character/],
    ['no terminal', createAnswers(false, 'one', 'one'), 2, /Give --stdin/],
  ])('does nothing for %s', async (_what, input, expected, message) => {
    const { path, run } = createBench();
    const { status, err } = await run(['add', 'ann'], input);
    expect(status).toBe(expected);
    expect(err).toMatch(message);
    expect(existsSync(path)).toBe(false);
    expect(existsSync(`${path}.new`)).toBe(false);
  });

  it('takes no password and no strange name from the command line', async () => {
    const { run } = createBench();
    expect((await run(['add', 'ann', 'secret'])).status).toBe(2);
    expect(await run(['add', 'a:b'])).toMatchObject({
      status: 2,
      err: expect.stringContaining('colon') as unknown,
    });
  });

  it('lists users and what is wrong with the file', async () => {
    const { path, run } = createBench();
    writeFileSync(path, '# users\nann:{PLAIN}a\ntim:hunter2\n', { mode: 0o644 });
    const { status, out, err } = await run(['list']);
    expect(status).toBe(1);
    expect(out).toBe('USER  SECRET\nann   plain');
    expect(err).toMatch(/users:3: .*\(tim is refused\)/);
    expect(err).toMatch(/open to every user .*mode 644/);
    expect(err).not.toContain('hunter2');
    const json = JSON.parse((await run(['list', '-o', 'json'])).out) as Record<string, unknown>;
    expect(json).toMatchObject({ file: path, users: [{ name: 'ann', secret: 'plain' }] });
  });

  it('works on the file it is given, and asks for one when there is none', async () => {
    const { cwd, run } = createBench();
    writeFileSync(join(cwd, 'postern.yaml'), '');
    const { status, err } = await run(['list']);
    expect(status).toBe(1);
    expect(err).toMatch(/there is no users file/);
    await run(['add', 'ann', '--file', 'other', '--stdin', '--plain'], createAnswers(false, 'a'));
    expect(readFileSync(join(cwd, 'other'), 'utf8')).toBe('ann:{PLAIN}a\n');
  });

  it('says so when another command is writing', async () => {
    const { path, run } = createBench();
    writeFileSync(`${path}.new`, '');
    const { status, err } = await run(['add', 'ann']);
    expect(status).toBe(1);
    expect(err).toMatch(/users\.new exists/);
  });

  it('names what keeps it from reading the file', async () => {
    const { run } = createBench();
    const { status, err } = await run(['list']);
    expect(status).toBe(1);
    expect(err).toMatch(/ENOENT/);
  });
});
