/**
 * What may be written into a variable: type, value set, range, and no line ends.
 *
 * Choice values are accepted in any letter case and stored as printed. Everything that passes is
 * safe to put into a reply, a header or a record, because line ends and NUL are refused here,
 * except for the texts that may have several lines (notices and reply texts).
 *
 * The sender is an address as MAIL takes it, because its parts are variables too.
 *
 * Callers: handler-run, for writes by policies and for arguments. Throws PolicyVariableError.
 */
import { isIP } from 'node:net';
import { PolicyVariableError } from '../core/errors.js';
import { type Mailbox, NULL_SENDER, parseAddress } from '../smtp/mailbox.js';
import type { VariableValue } from './ports.js';
import { suggest, type VariableName, variableOf } from './table/index.js';
import type { VariableSpec } from './table/spec.js';

/** Longest text that a policy may put into a variable, in characters. */
const LONGEST_TEXT = 65_536;

/** Line feeds are allowed in texts that become several lines of a reply or a notice. */
const MULTILINE = /^(?:smtpExplanation|smtpGreeting|ndr\w*Message\w*|dsn\w*Message\w*)$/;

/** The refusal goes to logs and traces, where a password must not appear even when it is wrong. */
function shown(variable: string, value: unknown): string {
  if (variableOf(variable)?.secret) return '(secret)';
  return typeof value === 'string' ? JSON.stringify(value.slice(0, 80)) : String(value);
}

function refuse(variable: string, value: unknown, reason: string): never {
  throw new PolicyVariableError('ERR_POLICY_VALUE', {
    detail: { variable, value: shown(variable, value), reason },
  });
}

function checkNumber(name: string, spec: VariableSpec, value: unknown): number {
  if (typeof value !== 'number') refuse(name, value, `takes a number, not ${typeof value}`);
  if (!Number.isInteger(value)) refuse(name, value, 'takes a whole number');
  const min = spec.min ?? 0;
  const max = spec.max ?? Number.MAX_SAFE_INTEGER;
  if (value < min || value > max)
    refuse(name, value, `takes ${min} to ${max}${spec.unit ? ` ${spec.unit}` : ''}`);
  return value;
}

function printedWord(name: string, spec: VariableSpec, value: string): string {
  const words = spec.values ?? [];
  const wanted = value.toLowerCase();
  const word = words.find((candidate) => candidate.toLowerCase() === wanted);
  return word ?? refuse(name, value, `takes one of ${words.join(', ')}${suggest(value, words)}`);
}

function checkText(name: string, value: unknown): string {
  if (typeof value !== 'string') refuse(name, value, `takes a text, not ${typeof value}`);
  if (value.length > LONGEST_TEXT) refuse(name, value, `is longer than ${LONGEST_TEXT} characters`);
  const lines = MULTILINE.test(name) ? value.replace(/\r\n|\n/g, '') : value;
  if (/[\r\n\0]/.test(lines))
    refuse(name, value, 'holds a line end or NUL, which could forge a line on the wire');
  return value;
}

/** The value as it is stored; throws PolicyVariableError when the variable does not take it. */
export function checkValue(name: VariableName, value: unknown): VariableValue {
  const spec = variableOf(name) as VariableSpec;
  switch (spec.type) {
    case 'numeric':
      return checkNumber(name, spec, value);
    case 'choice':
      return printedWord(name, spec, checkText(name, value));
    case 'multival':
      return checkText(name, value)
        .split(/[\s,]+/)
        .filter((word) => word !== '')
        .map((word) => printedWord(name, spec, word))
        .join(' ');
    case 'ip': {
      const text = checkText(name, value);
      return text === '' || isIP(text) !== 0 ? text : refuse(name, value, 'takes an IPv4 or IPv6 address');
    }
    case 'hostname':
    case 'text':
      return checkText(name, value);
  }
}

/**
 * The sender that a policy writes, in the parts that a client's MAIL would have. A source route is
 * refused: it would be dropped on the way, and the policy believes in what it wrote.
 */
export function checkSender(value: unknown): Mailbox {
  const text = checkText('mailFrom', value);
  if (text === '') return NULL_SENDER;
  const mailbox = text.startsWith('@') ? undefined : parseAddress(text);
  // The bare postmaster is a recipient only.
  if (!mailbox || mailbox.domain === '') {
    refuse('mailFrom', value, 'takes an address without angle brackets, or the empty text');
  }
  return mailbox;
}
