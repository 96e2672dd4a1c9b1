/**
 * The six documented header methods of onHeadersReceived.
 *
 * Each stages one edit; the engine writes the edited block. A name or value that could forge
 * another header line is misuse and fails the handler.
 *
 * Callers: methods/index.
 */
import { isHeaderName, LONGEST_NAME } from '../../message/header-field.js';
import type { HeaderEdit } from '../ports.js';
import { type Method, type MethodCall, misuse } from './method.js';

/**
 * Longest value a policy may add: as long as a whole header may come, so that no client can make a
 * policy fail that changes what it was sent. Folding keeps lines short whatever the value.
 */
const LONGEST_VALUE = 262_144;

function shown(value: unknown): string {
  return typeof value === 'string' ? JSON.stringify(value.slice(0, 80)) : typeof value;
}

function nameOf(call: MethodCall, value: unknown): string {
  if (typeof value === 'string' && isHeaderName(value)) return value;
  throw misuse(
    call,
    `${shown(value)} is no header name (1 to ${LONGEST_NAME} printable ASCII characters, no colon)`,
  );
}

function valueOf(call: MethodCall, value: unknown): string {
  if (typeof value !== 'string') throw misuse(call, `headerValue takes a text, not ${typeof value}`);
  if (value.length > LONGEST_VALUE)
    throw misuse(call, `headerValue is longer than ${LONGEST_VALUE} characters`);
  if (/[\r\n\0]/.test(value)) throw misuse(call, 'headerValue holds a line end or NUL');
  return value;
}

function setting(kind: 'add' | 'addIfNotExists' | 'modify' | 'modifyIfExists'): Method {
  return (call, [name, value]) => {
    call.editHeaders({ kind, name: nameOf(call, name), value: valueOf(call, value) } satisfies HeaderEdit);
  };
}

function removing(kind: 'removeFirst' | 'remove'): Method {
  return (call, [name]) => {
    call.editHeaders({ kind, name: nameOf(call, name) } satisfies HeaderEdit);
  };
}

export const addHeader: Method = setting('add');
export const addIfNotExistsHeader: Method = setting('addIfNotExists');
export const removeFirstHeader: Method = removing('removeFirst');
export const removeHeader: Method = removing('remove');
export const modifyHeader: Method = setting('modify');
export const modifyIfExistsHeader: Method = setting('modifyIfExists');
