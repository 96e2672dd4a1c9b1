/**
 * Asks for a password and makes of it what the users file keeps.
 *
 * Callers: cli/commands/user. Whatever keeps it from having one is told on the terminal, sets the
 * exit status and answers undefined.
 */
import { createPasswordHash } from '../auth/password-hash.js';
import type { UserSecret } from '../auth/user-source.js';
import { normalizeText, passwordFault } from '../auth/user-text.js';
import { systemClock } from '../core/clock.js';
import { EXIT, type ExitCode } from './exit-codes.js';
import type { Frame } from './frame.js';
import { complaint } from './report-error.js';
import type { SecretInput } from './secret-input.js';

export interface PasswordTask {
  readonly frame: Frame;
  readonly input: SecretInput;
  readonly options: {
    /** Read the password from standard input instead of asking for it. */
    readonly stdin?: true;
    /** Keep the password itself. */
    readonly plain?: true;
  };
}

/** Tells why nothing comes of it. */
export function refuse({ terminal, end }: Frame, code: ExitCode, message: string, hint: string): undefined {
  terminal.complain(complaint(message, hint));
  end(code);
  return undefined;
}

/** The password; `twice` asks a person to repeat what nobody can see. */
export async function askPassword(
  { input, options, frame }: PasswordTask,
  times: 'once' | 'twice',
): Promise<string | undefined> {
  if (options.stdin === undefined && !input.isInteractive) {
    const hint = 'Give --stdin to read the password from the first line of standard input.';
    return refuse(frame, EXIT.usage, 'there is no terminal to ask for the password', hint);
  }
  const first = options.stdin ? await input.readLine() : await input.ask('Password: ');
  if (first.status === 'cancelled') {
    return refuse(frame, EXIT.findings, 'no password was given', 'Nothing was done; run the command again.');
  }
  const fault = first.status === 'refused' ? first.reason : passwordFault(normalizeText(first.text));
  if (first.status === 'refused' || fault !== undefined) {
    return refuse(frame, EXIT.findings, `the password is refused: ${fault}`, 'Choose another one.');
  }
  if (options.stdin || times === 'once') return first.text;
  const second = await input.ask('Once more: ');
  if (second.status === 'ok' && second.text === first.text) return first.text;
  return refuse(frame, EXIT.findings, 'the two passwords differ', 'Nothing was done; run the command again.');
}

/** What the file keeps of `password`. */
export async function createSecret(
  password: string,
  { options, frame }: PasswordTask,
): Promise<UserSecret | undefined> {
  if (options.plain) {
    const secret = normalizeText(password);
    if (secret === secret.trim()) return { kind: 'plain', secret };
    const hint = 'Choose another one, or leave --plain away.';
    return refuse(frame, EXIT.findings, 'a plain secret cannot begin or end with a blank', hint);
  }
  const outcome = await createPasswordHash({ clock: systemClock }).hash(password);
  if (outcome.status === 'done') return { kind: 'hash', hash: outcome.hash };
  const reason = outcome.status === 'failed' ? outcome.reason : outcome.status;
  return refuse(frame, EXIT.findings, `the password could not be hashed: ${reason}`, 'Try again.');
}
