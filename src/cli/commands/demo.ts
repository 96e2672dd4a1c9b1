/**
 * `postern demo`: sends one message that is accepted and one that is refused to the running
 * server, and shows both dialogues and the traces that explain the verdicts.
 *
 * Uses the first listener that takes plain SMTP without a login. Sends to a local domain only, so nothing leaves
 * the machine whatever the configuration says.
 */
import type { Command } from 'commander';
import type { Config } from '../../app/config-types.js';
import { demoListener } from '../../app/listener-words.js';
import { loadConfig } from '../../app/load-config.js';
import { tracesDir } from '../../app/paths.js';
import { systemClock } from '../../core/clock.js';
import { messageOf } from '../../core/errors.js';
import { explainTrace } from '../../traces/explain.js';
import { type FoundTrace, findTrace } from '../../traces/find-trace.js';
import { addConfigOptions, type ConfigOptions, loadOptions } from '../config-options.js';
import { EXIT } from '../exit-codes.js';
import type { Frame, Terminal } from '../frame.js';
import { complaint } from '../report-error.js';
import { talk, type Verdict } from '../smtp-talk.js';

interface DemoOptions extends ConfigOptions {
  readonly to?: string;
  readonly from?: string;
}

/** Where a client reaches a listener that may listen on every address. */
function reachable(host: string): string {
  if (host === '0.0.0.0') return '127.0.0.1';
  return host === '::' ? '::1' : host;
}

function localRecipient({ localDomains }: Config): string {
  const domain = localDomains.find((name) => name !== '*' && name !== 'localhost') ?? 'localhost';
  return `you@${domain}`;
}

function message(from: string, to: string): string {
  const clock = systemClock;
  const id = `${clock.now().toString(36)}.${clock.random(6).toString('hex')}@demo.localhost`;
  return [
    `From: Demo <${from}>`,
    `To: <${to}>`,
    'Subject: A first message through Postern',
    `Date: ${new Date(clock.now()).toUTCString().replace('GMT', '+0000')}`,
    `Message-ID: <${id}>`,
    '',
    'Hello. If you read this, the policies had nothing against it.',
    '',
  ].join('\r\n');
}

/** The id that a reply quotes: of a refusal, or of an accepted message. */
function quotedId(reply: string): string | undefined {
  return /\(ref ([0-9a-z.]+)\)/.exec(reply)?.[1] ?? /queued as ([0-9a-z-]+)/.exec(reply)?.[1];
}

const LOOKS = 20;
const LOOK_MS = 100;

function wait(ms: number): Promise<void> {
  return new Promise((resolve) => {
    systemClock.after(ms, resolve, 'hold');
  });
}

/** The server writes traces a moment after the reply. */
async function awaitTrace(dir: string, id: string): Promise<FoundTrace | undefined> {
  for (let look = 0; look < LOOKS; look += 1) {
    const found = await findTrace(dir, id);
    if (found?.step !== undefined) return found;
    await wait(LOOK_MS);
  }
  return undefined;
}

async function show(
  config: Config,
  what: { title: string; from: string; to: string },
  terminal: Terminal,
): Promise<Verdict> {
  const { title, from, to } = what;
  const listener = demoListener(config);
  if (listener === undefined) throw new Error('every listener asks for TLS, a login or LMTP');
  const print = (line: string): void => {
    terminal.print(line);
  };
  print(`${title}\n`);
  const verdict = await talk(
    { host: reachable(listener.host), port: listener.port, from, to, message: message(from, to) },
    print,
  );
  const id = quotedId(verdict.reply);
  print(`\n${verdict.accepted ? 'Accepted' : 'Refused'}. Why (postern explain ${id ?? ''}):\n`);
  const found = id === undefined ? undefined : await awaitTrace(tracesDir(config), id);
  if (found === undefined)
    terminal.complain(complaint('no trace was found', 'Is the server using the same dataDir?'));
  else print(explainTrace(found).join('\n'));
  print('');
  return verdict;
}

async function demo(options: DemoOptions, { terminal, end }: Frame): Promise<void> {
  const { config } = loadConfig(loadOptions(options, terminal));
  const to = options.to ?? localRecipient(config);
  try {
    if (options.from !== undefined) {
      await show(
        config,
        { title: `A message from ${options.from} to ${to}:`, from: options.from, to },
        terminal,
      );
      return;
    }
    await show(config, { title: `A message that is accepted:`, from: 'demo@localhost', to }, terminal);
    await show(
      config,
      {
        title: `A message from a sender whom policies/20-blocked-senders.ts refuses:`,
        from: 'demo@blocked.test',
        to,
      },
      terminal,
    );
    terminal.print(`The accepted one lies below ${config.delivery.maildir}.`);
  } catch (error) {
    const listener = demoListener(config);
    const where = listener === undefined ? 'any listener' : `${listener.host}:${listener.port}`;
    const hint = 'Start the server first, in another terminal: npm start';
    terminal.complain(
      complaint(
        `no conversation with ${where}: ${messageOf(error)}`,
        listener === undefined ? 'Use another client, for example swaks.' : hint,
      ),
    );
    end(EXIT.findings);
  }
}

export function defineCommand(command: Command, frame: Frame): void {
  addConfigOptions(command)
    .option('--from <address>', 'send one message from this address instead')
    .option('--to <address>', 'recipient (default: you@ the first local domain)')
    .action((options: DemoOptions) => demo(options, frame));
}
