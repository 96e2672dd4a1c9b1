/**
 * addRcpt and discardRcpt: envelope recipients changed by a policy (onRcptTo, onHeadersReceived).
 *
 * Addresses are read by the same parser as RCPT TO, so nothing that a client could not have sent
 * gets into an envelope. Adding a recipient twice, or dropping one that is not there, changes
 * nothing and is no error.
 *
 * Callers: methods/index. An address that does not parse is misuse.
 */
import { parsePath } from '../../smtp/mailbox.js';
import { type Method, type MethodCall, misuse } from './method.js';

function addressOf(call: MethodCall, value: unknown): string {
  if (typeof value !== 'string') throw misuse(call, `rcptAddress takes a text, not ${typeof value}`);
  const path = parsePath(`<${value}>`, { kind: 'recipient', utf8: true });
  if (path.status === 'ok' && path.rest === '') return path.mailbox.address;
  throw misuse(call, `${JSON.stringify(value.slice(0, 80))} is no mailbox address`);
}

function same(left: string, right: string): boolean {
  return left.toLowerCase() === right.toLowerCase();
}

export const addRcpt: Method = (call, [value]) => {
  const address = addressOf(call, value);
  if (call.recipients.some((known) => same(known, address))) return;
  call.replaceRecipients([...call.recipients, address], `addRcpt ${address}`);
};

export const discardRcpt: Method = (call, [value]) => {
  const address = addressOf(call, value);
  const left = call.recipients.filter((known) => !same(known, address));
  if (left.length === call.recipients.length) return;
  call.replaceRecipients(left, `discardRcpt ${address}`);
};
