/**
 * Wire dialogs as data: one behaviour a file, readable without knowing the code.
 *
 *   # what this shows                    comment; the first one names the test
 *   CONFIG: {"outbound":false}  settings of the engine, `limits` and `listener` inside; `"tls":true`
 *                                        gives it a certificate
 *   USER: ann secret            somebody who can log in; `{PLAIN}secret` also with CRAM-MD5
 *   POLICY: onRcptTo {"action":"reject"} what a policy says; `"when":{"rcptTo":"x"}` limits it
 *   C: EHLO client.example               the client sends the line and CRLF
 *   RAW: a\r\n                           the client sends exactly these octets (\r \n \0 \xNN)
 *   S: 250-*                             the server's next line; `*` stands for any text
 *   TLS                                  the client shakes hands
 *   CLOSED                               the server ends the connection
 *   MESSAGES: 1                          so many messages were accepted
 *   HEADER: X-A: b*                      a line or unfolded field of the last message's header
 *   NOHEADER: X-A: b*                    there is no such line or field
 *   BODY: text\r\n                       the last message's body
 *   RCPTS: a@x b@x                       the last message's recipients
 *   ENVELOPE: {"ret":"HDRS"}             what is kept of the parameters of its MAIL
 *   DSN: {"notify":["NEVER"]}            and of those of its first RCPT
 *   FROM: a@x                            the last message's sender
 *
 * Lines in [brackets] behind S: `[any]` takes all lines of one whole reply.
 */
import type { EventName } from '../../src/hooks/table/index.js';
import type { FakeDecision, FakeHandler, FakeHandlers } from './fake-policies.js';
import type { EngineOptions } from './start-engine.js';
import type { TestUsers } from './test-users.js';

export interface DialogStep {
  readonly kind: string;
  readonly text: string;
  readonly line: number;
}

export interface Dialog {
  readonly title: string;
  readonly options: EngineOptions;
  readonly steps: readonly DialogStep[];
}

/** Settings of the engine, with `limits`, `listener` and `tls` beside them. */
type Config = NonNullable<EngineOptions['settings']> & Pick<EngineOptions, 'limits' | 'listener' | 'tls'>;
type Rule = FakeDecision & { readonly when?: Readonly<Record<string, string | number>> };

const SETUP: ReadonlySet<string> = new Set(['CONFIG', 'USER', 'POLICY']);
const STEP =
  /^(C|RAW|S|TLS|CLOSED|MESSAGES|HEADER|NOHEADER|BODY|RCPTS|ENVELOPE|DSN|FROM|CONFIG|USER|POLICY)(?:: ?(.*))?$/;

export function unescape(text: string): string {
  return text.replace(/\\(?:r|n|0|\\|x([0-9a-f]{2}))/gi, (whole, hex: string | undefined) => {
    if (hex !== undefined) return String.fromCharCode(Number.parseInt(hex, 16));
    return { '\\r': '\r', '\\n': '\n', '\\0': '\0', '\\\\': '\\' }[whole] ?? whole;
  });
}

/** Whether `pattern`, in which `*` is any text, is the whole line. */
export function matches(pattern: string, line: string): boolean {
  const source = pattern.split('*').map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'));
  return new RegExp(`^${source.join('.*')}$`, 's').test(line);
}

function handlersOf(rules: readonly [EventName, Rule][]): FakeHandlers {
  const handlers: Partial<Record<EventName, FakeHandler>> = {};
  for (const [event] of rules) {
    const own = rules.filter(([name]) => name === event).map(([, rule]) => rule);
    handlers[event] = ({ values }) =>
      own.find(({ when = {} }) =>
        Object.entries(when).every(([k, v]) => (values as Record<string, unknown>)[k] === v),
      );
  }
  return handlers;
}

export function parseDialog(text: string): Dialog {
  const lines = text.split('\n');
  const title =
    lines
      .find((line) => line.startsWith('#'))
      ?.slice(1)
      .trim() ?? 'a dialog';
  const all: DialogStep[] = [];
  lines.forEach((line, i) => {
    if (line.trim() === '' || line.startsWith('#')) return;
    const match = STEP.exec(line);
    if (!match?.[1]) throw new Error(`line ${i + 1} is no step: ${line}`);
    all.push({ kind: match[1], text: match[2] ?? '', line: i + 1 });
  });
  const config = all.filter((step) => step.kind === 'CONFIG').map((step) => JSON.parse(step.text) as Config);
  const { limits, listener, tls, ...settings } = Object.assign({}, ...config) as Config;
  const rules = all
    .filter((step) => step.kind === 'POLICY')
    .map((step): [EventName, Rule] => {
      const blank = step.text.indexOf(' ');
      return [step.text.slice(0, blank) as EventName, JSON.parse(step.text.slice(blank + 1)) as Rule];
    });
  const users = all.filter((step) => step.kind === 'USER').map((step) => step.text.split(' '));
  return {
    title,
    options: {
      settings,
      limits: limits ?? {},
      listener: listener ?? {},
      handlers: handlersOf(rules),
      tls: tls ?? false,
      ...(users.length === 0 ? {} : { users: Object.fromEntries(users) as TestUsers }),
    },
    steps: all.filter((step) => !SETUP.has(step.kind)),
  };
}
