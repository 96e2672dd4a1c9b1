/**
 * A case: what it shows, which cells of the event table it proves, and the session that proves it.
 *
 * A cell is `event.variable:in` for reading, `event.variable:out` for writing, `event.method()` for
 * calling. The completeness test holds the cells of all cases against the table.
 */
import { expect } from 'vitest';
import {
  type EventName,
  EVENTS,
  type MethodName,
  type VariableName,
} from '../../../src/hooks/table/index.js';
import type { Policy } from '../../../src/policy.js';
import { call, type Loose, loosely, loosePolicy } from '../../helpers/policy-bench.js';
import type { SmtpReply } from '../../helpers/smtp-peer.js';
import { textOf } from '../../helpers/policy-wire.js';

export type Cell =
  | `${InboundEvent}.${VariableName}:in`
  | `${InboundEvent}.${VariableName}:out`
  | `${InboundEvent}.${MethodName}()`;

export interface Case {
  readonly title: string;
  readonly proves: readonly Cell[];
  readonly run: () => Promise<void>;
}

export const INBOUND = [
  'onConnect',
  'onEhlo',
  'onMailFrom',
  'onRcptTo',
  'onHeadersReceived',
  'onBodyChunk',
  'onDataReceived',
] as const satisfies readonly EventName[];

export type InboundEvent = (typeof INBOUND)[number];

export { call, type Loose };

/** Events that have the variable or method. */
export function having(name: string): readonly InboundEvent[] {
  return INBOUND.filter(
    (event) => name in EVENTS[event].vars || (EVENTS[event].methods as readonly string[]).includes(name),
  );
}

export type LooseHandler = (ctx: Loose) => unknown;

/** A policy with one untyped handler per event. */
export function policyOf(
  name: string,
  handlers: Readonly<Partial<Record<InboundEvent, LooseHandler>>>,
): Policy {
  const own: Record<string, unknown> = {};
  for (const [event, handler] of Object.entries(handlers)) own[event] = loosely(handler);
  return loosePolicy({ name, ...own });
}

/** Refuses with the values of the names, read by the handler and filled into the text, and `more`. */
export function tell(ctx: Loose, names: readonly string[], more = ''): void {
  const values = names.map((name) => `${name}=[${String(ctx[name])}|%${name}%]`);
  ctx['smtpAction'] = 'reject';
  ctx['smtpExplanation'] = [...values, more].join(' ');
}

/** What `tell` said, by name; fails where reading and filling in differ. */
export function told(reply: SmtpReply): Record<string, string> {
  const said: Record<string, string> = {};
  for (const [, name = '', read = '', filled = ''] of textOf(reply).matchAll(/(\w+)=\[(.*?)\|(.*?)\]/g)) {
    expect([name, filled]).toEqual([name, read]);
    said[name] = read;
  }
  return said;
}
