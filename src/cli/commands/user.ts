/**
 * `postern user add|passwd|remove|list|verify`: the users who may log in.
 *
 * Works on the users file of the configuration, or on the one given with --file; a running server
 * takes a change over by itself. Passwords are typed unseen or read from standard input. Exit
 * status 1 when nothing was changed, when a password is wrong, and when the file has wrong lines.
 */
import { resolve } from 'node:path';
import { type Command, Option } from 'commander';
import { loadConfig } from '../../app/load-config.js';
import { hasUser, withoutUser, withUser } from '../../auth/change-users.js';
import { createPasswordHash } from '../../auth/password-hash.js';
import { nameFault, normalizeText } from '../../auth/user-text.js';
import { openUsersFile, type UsersFile } from '../../auth/users-file.js';
import { editUsersFile } from '../../auth/users-file-edit.js';
import { systemClock } from '../../core/clock.js';
import { addConfigOptions, type ConfigOptions, loadOptions } from '../config-options.js';
import { EXIT } from '../exit-codes.js';
import type { Frame } from '../frame.js';
import { complaint, printable } from '../report-error.js';
import { askPassword, createSecret, refuse } from '../new-password.js';
import { createSecretInput, type SecretInput } from '../secret-input.js';
import { formatTable } from '../text-table.js';

interface UserOptions extends ConfigOptions {
  readonly file?: string;
  readonly stdin?: true;
  readonly plain?: true;
  readonly output?: 'text' | 'json';
}

/** What every subcommand works with. */
interface Task {
  readonly options: UserOptions;
  readonly frame: Frame;
  readonly input: SecretInput;
  readonly path: string;
}

/** Whether the name must be in the file already. */
type Expected = 'new' | 'known';

const PLAIN_WARNING =
  'this password stands in the file as it is, for CRAM-MD5; whoever reads the file can use it';

function pathOf(options: UserOptions, frame: Frame): string | undefined {
  if (options.file !== undefined) return resolve(frame.terminal.cwd, options.file);
  const { config } = loadConfig(loadOptions(options, frame.terminal));
  if (config.auth.usersFile !== '') return config.auth.usersFile;
  const hint = 'Set auth.usersFile in postern.yaml, or name a file with --file.';
  return refuse(frame, EXIT.findings, 'there is no users file', hint);
}

function nameOf(text: string, frame: Frame): string | undefined {
  const name = normalizeText(text);
  const fault = nameFault(name);
  if (fault === undefined) return name;
  return refuse(frame, EXIT.usage, `"${text}": ${fault}`, 'A name is text such as ann or ann@example.com.');
}

function refuseName(name: string, expected: Expected, frame: Frame): undefined {
  if (expected === 'new') {
    return refuse(
      frame,
      EXIT.findings,
      `${name} is in the file already`,
      'postern user passwd changes a password.',
    );
  }
  return refuse(frame, EXIT.findings, `${name} is not in the file`, 'postern user list shows who is.');
}

/** Changes the file if the name is as expected in it; whether it was changed. */
async function edit(
  name: string,
  expected: Expected,
  task: Task,
  change: (octets: Buffer) => Buffer,
): Promise<boolean> {
  const { path, frame } = task;
  let isExpected = true;
  const outcome = await editUsersFile(path, (octets) => {
    isExpected = hasUser(octets, name) === (expected === 'known');
    return isExpected ? change(octets) : undefined;
  });
  switch (outcome.status) {
    case 'written':
      return true;
    case 'unchanged':
      if (isExpected) return true;
      refuseName(name, expected, frame);
      return false;
    case 'locked': {
      const hint = 'If no other postern user command is running, one was interrupted: remove that file.';
      refuse(frame, EXIT.findings, `${outcome.file} exists: the users file is being changed`, hint);
      return false;
    }
    case 'failed': {
      const hint = 'Check the permissions of the file and of its folder.';
      refuse(frame, EXIT.findings, `${path}: ${outcome.reason}`, hint);
      return false;
    }
  }
}

/** `add` and `passwd`, which differ in what they expect. */
async function setPassword(name: string, expected: Expected, task: Task): Promise<void> {
  // Asked before the password, so that nobody types one in vain; the writing asks again.
  const isThere = await edit(name, expected, task, (octets) => octets);
  const password = isThere ? await askPassword(task, 'twice') : undefined;
  if (password === undefined) return;
  const secret = await createSecret(password, task);
  if (!secret) return;
  if (!(await edit(name, expected, task, (octets) => withUser(octets, name, secret)))) return;
  if (secret.kind === 'plain') task.frame.terminal.complain(`postern: ${PLAIN_WARNING}`);
  const done = expected === 'new' ? 'added to' : 'has a new password in';
  task.frame.terminal.print(printable(`${name} ${done} ${task.path}`));
}

async function remove(name: string, task: Task): Promise<void> {
  if (!(await edit(name, 'known', task, (octets) => withoutUser(octets, name)))) return;
  task.frame.terminal.print(printable(`${name} removed from ${task.path}`));
}

async function openUsers({ path, frame }: Task): Promise<UsersFile | undefined> {
  const opening = await openUsersFile(path);
  if (opening.status === 'opened') return opening.users;
  return refuse(frame, EXIT.findings, opening.reason, 'postern user add makes the file and its first user.');
}

async function list(task: Task): Promise<void> {
  const { frame, options, path } = task;
  const users = await openUsers(task);
  if (!users) return;
  const { findings, warning } = users;
  if (findings.length > 0) frame.end(EXIT.findings);
  const rows = users.names().map((name) => ({ name, secret: users.find(name)?.kind ?? '' }));
  if (options.output === 'json') {
    frame.terminal.print(
      JSON.stringify({ file: path, users: rows, findings, warning: warning ?? null }, null, 2),
    );
    return;
  }
  frame.terminal.print(formatTable([['USER', 'SECRET'], ...rows.map(({ name, secret }) => [name, secret])]));
  for (const { line, user, reason } of findings) {
    const who = user === '' ? '' : ` (${user} is refused)`;
    frame.terminal.complain(complaint(`${path}:${line}: ${reason}${who}`, 'Mend or remove the line.'));
  }
  if (warning !== undefined) frame.terminal.complain(complaint(warning, `chmod 600 ${path}`));
}

async function verify(name: string, task: Task): Promise<void> {
  const users = await openUsers(task);
  if (!users) return;
  const secret = users.find(name);
  if (!secret) {
    refuseName(name, 'known', task.frame);
    return;
  }
  const password = await askPassword(task, 'once');
  if (password === undefined) return;
  const outcome = await createPasswordHash({ clock: systemClock }).verify(password, secret, { key: '' });
  if (outcome.status !== 'match') task.frame.end(EXIT.findings);
  const answer = outcome.status === 'match' ? 'the password is right' : 'the password is wrong';
  task.frame.terminal.print(outcome.status === 'failed' ? `not verified: ${outcome.reason}` : answer);
}

/** The command with its source of passwords, which tests replace. */
export function defineUserCommand(command: Command, frame: Frame, input: SecretInput): void {
  const sub = (usage: string, description: string): Command =>
    addConfigOptions(command.command(usage).description(description)).option(
      '--file <file>',
      'users file (default: auth.usersFile of the configuration)',
    );
  const withTask = async (options: UserOptions, work: (task: Task) => Promise<void>): Promise<void> => {
    const path = pathOf(options, frame);
    if (path !== undefined) await work({ options, frame, input, path });
  };
  const withName = async (
    text: string,
    options: UserOptions,
    work: (name: string, task: Task) => Promise<void>,
  ): Promise<void> => {
    const name = nameOf(text, frame);
    if (name !== undefined) await withTask(options, (task) => work(name, task));
  };
  const stdin = ['--stdin', 'read the password from the first line of standard input'] as const;
  const plain = ['--plain', 'keep the password itself, for CRAM-MD5, and no hash of it'] as const;

  sub('add <name>', 'add a user')
    .option(...stdin)
    .option(...plain)
    .action((text: string, options: UserOptions) =>
      withName(text, options, (name, task) => setPassword(name, 'new', task)),
    );
  sub('passwd <name>', 'change the password of a user')
    .option(...stdin)
    .option(...plain)
    .action((text: string, options: UserOptions) =>
      withName(text, options, (name, task) => setPassword(name, 'known', task)),
    );
  sub('remove <name>', 'remove a user').action((text: string, options: UserOptions) =>
    withName(text, options, remove),
  );
  sub('list', 'show the users, and the lines that are wrong')
    .addOption(new Option('-o, --output <format>', 'text or json').choices(['text', 'json']).default('text'))
    .action((options: UserOptions) => withTask(options, list));
  sub('verify <name>', 'tell whether a password is right')
    .option(...stdin)
    .action((text: string, options: UserOptions) => withName(text, options, verify));
}

export function defineCommand(command: Command, frame: Frame): void {
  const input = createSecretInput(process.stdin, (text) => {
    process.stderr.write(text);
  });
  defineUserCommand(command, frame, input);
}
