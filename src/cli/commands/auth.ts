/**
 * `postern auth <message.eml>`: what the checks say of a message that lies in a file.
 *
 * The checks are those of checkDKIM, checkARC, checkDMARC and checkSPF, with the answers of DNS that
 * they rest on, and the field that would tell readers of it. Keys are those of today: an old message
 * may have passed when it came.
 */
import { type Command, Option } from 'commander';
import { engineSettings } from '../../app/compose-listeners.js';
import type { Config } from '../../app/config-types.js';
import { authenticate } from '../../checks/authenticate.js';
import { createKeyCache } from '../../checks/signatures/key-cache.js';
import type { SpfArgs } from '../../checks/spf.js';
import { systemClock } from '../../core/clock.js';
import { messageOf } from '../../core/errors.js';
import { parseIpAddress } from '../../dns/ip-address.js';
import type { Resolver } from '../../dns/resolver.js';
import { asJson, asText, hasFindings } from '../auth-report.js';
import { addConfigOptions, type ConfigOptions } from '../config-options.js';
import { EXIT } from '../exit-codes.js';
import type { Frame } from '../frame.js';
import { messageOctets } from '../message-file.js';
import { complaint, printable } from '../report-error.js';
import { withResolver } from '../with-resolver.js';

interface AuthOptions extends ConfigOptions {
  readonly ip?: string;
  readonly helo?: string;
  readonly from?: string;
  readonly output: 'text' | 'json';
}

const NO_MESSAGE = {
  noHeader: {
    message: 'it does not begin with a header field',
    hint: 'Give one message as it came over SMTP; a mailbox file has a line "From " in front, which must go.',
  },
  headerTooBig: {
    message: 'its header is longer than a server would take',
    hint: 'Give one message as it came over SMTP.',
  },
} as const;

/** What is wrong with the options; undefined when nothing is. */
function lackOf({ ip, helo, from }: AuthOptions): string | undefined {
  if (ip === undefined) {
    if (helo === undefined && from === undefined) return undefined;
    return complaint(
      '--helo and --from are of no use without --ip',
      'Add --ip and the address of the client.',
    );
  }
  if (parseIpAddress(ip) === undefined) {
    return complaint(`"${printable(ip)}" is no IPv4 or IPv6 address`, 'Give one address, such as 192.0.2.1.');
  }
  if ((helo ?? '') !== '' || (from ?? '') !== '') return undefined;
  return complaint(
    'there is no sender and no EHLO name for SPF',
    'Add --from and an address, or --helo and a name.',
  );
}

function clientOf({ ip, helo, from }: AuthOptions, receiver: string): SpfArgs | undefined {
  return ip === undefined ? undefined : { ip, helo: helo ?? '', mailFrom: from ?? '', receiver };
}

async function auth(file: string, options: AuthOptions, frame: Frame): Promise<void> {
  const lack = lackOf(options);
  if (lack !== undefined) {
    frame.terminal.complain(lack);
    frame.end(EXIT.usage);
    return;
  }
  await withResolver(options, frame, (resolver, config) =>
    verify(file, options, { frame, resolver, config }),
  );
}

interface VerifyDeps {
  readonly frame: Frame;
  readonly resolver: Resolver;
  readonly config: Config;
}

async function verify(file: string, options: AuthOptions, deps: VerifyDeps): Promise<void> {
  const { frame, resolver, config } = deps;
  const { terminal, end } = frame;
  const shownName = file === '-' ? 'standard input' : file;
  const checks = { resolver, clock: systemClock, keys: createKeyCache({ clock: systemClock }) };
  try {
    const octets = messageOctets(file, terminal.cwd);
    const found = await authenticate(checks, octets, clientOf(options, config.hostname));
    if (found.status !== 'checked') {
      const { message, hint } = NO_MESSAGE[found.status];
      terminal.complain(complaint(`${shownName} is no message: ${message}`, hint));
      end(EXIT.findings);
      return;
    }
    const { authservId } = engineSettings(config);
    terminal.print(options.output === 'json' ? asJson(found, authservId) : asText(found, authservId));
    if (hasFindings(found)) end(EXIT.findings);
  } catch (error) {
    if (!isSystemError(error)) throw error;
    const hint = 'Name a file that you may read, or - for standard input.';
    terminal.complain(complaint(`${shownName} cannot be read: ${messageOf(error)}`, hint));
    end(EXIT.findings);
  }
}

/** What the system says of a file; the checks themselves never reject. */
function isSystemError(error: unknown): boolean {
  return error instanceof Error && 'syscall' in error;
}

export function defineCommand(command: Command, frame: Frame): void {
  addConfigOptions(command)
    .argument('<message>', 'file with the message, or - for standard input; lines may end in LF alone')
    .option('--ip <ip>', 'address of the client that sent it; without one SPF is not checked')
    .option('--helo <name>', 'name the client gave with EHLO, for SPF')
    .option('--from <sender>', 'address it gave with MAIL FROM, for SPF')
    .addOption(new Option('-o, --output <format>', 'text or json').choices(['text', 'json']).default('text'))
    .action((file: string, options: AuthOptions) => auth(file, options, frame));
}
