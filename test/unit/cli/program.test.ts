import { tmpdir } from 'node:os';
import { describe, expect, it } from 'vitest';
import { COMMANDS } from '../../../src/cli/command-table.js';
import type { CommandRow } from '../../../src/cli/frame.js';
import { packageVersion } from '../../../src/app/version.js';
import { runCli } from '../../../src/cli/program.js';
import { ConfigError, InvariantError } from '../../../src/core/errors.js';
import { createTerminalDouble } from '../../helpers/terminal-double.js';

async function run(words: readonly string[], commands: readonly CommandRow[] = COMMANDS) {
  const terminal = createTerminalDouble(tmpdir());
  const status = await runCli(words, terminal, commands);
  return { status, out: terminal.printed(), err: terminal.complained() };
}

/** A command `try` whose action is given. */
function trying(action: () => void | Promise<void>): readonly CommandRow[] {
  const load: CommandRow['load'] = async () => ({
    defineCommand: (command) => {
      command.action(action);
    },
  });
  return [{ name: 'try', summary: 'try something', group: 'Run:', load }];
}

describe('runCli', () => {
  it('prints the version of the package', async () => {
    expect(await run(['--version'])).toEqual({ status: 0, out: `postern ${packageVersion()}`, err: '' });
    expect(packageVersion()).toMatch(/^\d+\.\d+\.\d+/);
  });

  it('shows every command under its heading, with and without --help', async () => {
    const help = await run(['--help']);
    expect(help.status).toBe(0);
    for (const { name, summary, group } of COMMANDS) {
      expect(help.out).toContain(group);
      expect(help.out).toContain(name);
      expect(help.out).toContain(summary);
    }
    expect(help.out).toContain('Exit status:');
    expect((await run([])).out).toBe(help.out);
  });

  it('loads no command but the one asked for', async () => {
    const never: CommandRow = {
      name: 'never',
      summary: 'not loaded',
      group: 'Run:',
      load: () => Promise.reject(new Error('was loaded')),
    };
    expect((await run(['--help'], [never])).status).toBe(0);
    expect((await run(['try'], [never, ...trying(() => undefined)])).status).toBe(0);
    expect((await run(['never'], [never])).status).toBe(70);
  });

  it('shows the help of a command', async () => {
    const { out, status } = await run(['help', 'check']);
    expect(status).toBe(0);
    expect(out).toContain('--config <file>');
  });

  it.each([
    [['chek'], "postern: unknown command 'chek' (Did you mean check?)"],
    [['check', '--nope'], "postern: unknown option '--nope'"],
    [['check', '--set', 'x'], 'key=value'],
    [['check', 'extra'], 'too many arguments'],
  ])('answers 2 for %o', async (words, text) => {
    const { status, err, out } = await run(words);
    expect(status).toBe(2);
    expect(err).toContain(text);
    expect(err).toContain('  what to do: ');
    expect(out).toBe('');
  });

  it('tells an error of ours with its hint and answers 1', async () => {
    const commands = trying(() => {
      throw new ConfigError('ERR_CONFIG_FILE', { detail: { file: 'a.yaml', reason: 'gone' } });
    });
    expect(await run(['try'], commands)).toEqual({
      status: 1,
      out: '',
      err: 'postern: a.yaml: cannot be read: gone\n  what to do: Check the path given with --config and the permissions of the file.',
    });
  });

  it.each([
    ['an error that is none of ours', new TypeError('x is not a function')],
    [
      'a broken promise of the program',
      new InvariantError('ERR_INVARIANT', { detail: { reason: 'two owners' } }),
    ],
  ])('answers 70 for %s and shows the stack only when asked', async (_, error) => {
    const commands = trying(() => Promise.reject(error));
    const plain = await run(['try'], commands);
    expect(plain.status).toBe(70);
    expect(plain.err).toContain(error.message);
    expect(plain.err).not.toContain('program.test');
    expect((await run(['try', '--verbose'], commands)).err).toContain('program.test');
  });

  it('lets no control character of an error reach the terminal', async () => {
    const commands = trying(() => {
      throw new Error('a\u001b[31mb\u0007');
    });
    expect((await run(['try'], commands)).err).toContain('a?[31mb?');
  });
});
