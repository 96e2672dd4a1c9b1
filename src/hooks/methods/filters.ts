/**
 * addFilter and executeFilters: the policy's side of external filters.
 *
 * This version has no filter client. The arguments are checked as they will be, addFilter then
 * answers BadType with a text that says why, and executeFilters runs nothing and says so by its
 * empty answer. A policy that relies on a filter therefore sees that it is not there.
 *
 * Callers: methods/index. Misuse of the arguments throws.
 */
import type { AddFilterAnswer, FilterArguments } from './signatures.js';
import { type Method, type MethodCall, misuse } from './method.js';

/** `inet://host:port`, where an IPv6 host stands in brackets, or `local:///path`. */
const FILTER_ADDRESS = /^(?:inet:\/\/(?:[\w.-]{1,253}|\[[\da-f:.]{2,45}\]):\d{1,5}|local:\/\/\/\S{1,4096})$/i;
const FILTER_NAME = /^[\w.-]{1,64}$/;

function takeInputs(call: MethodCall, args: readonly unknown[]): void {
  const [name, filter] = args as [string | undefined, FilterArguments | undefined];
  if (name !== undefined) call.input('filterName', name);
  if (filter === undefined) return;
  if (typeof filter !== 'object' || filter === null)
    throw misuse(call, 'the second argument is { type, address }');
  call.input('filterType', filter.type);
  call.input('filterAddress', filter.address);
}

function answer(
  call: MethodCall,
  result: AddFilterAnswer['addFilterResult'],
  explanation: string,
): AddFilterAnswer {
  call.fill('addFilterResult', result);
  call.fill('addFilterExplanation', explanation);
  return { addFilterResult: result, addFilterExplanation: explanation };
}

export const addFilter: Method = (call, args) => {
  takeInputs(call, args);
  const [name, type, address] = (['filterName', 'filterType', 'filterAddress'] as const).map((input) =>
    String(call.read(input) ?? ''),
  ) as [string, string, string];
  return Promise.resolve(judge(call, name, type, address));
};

function judge(call: MethodCall, name: string, type: string, address: string): AddFilterAnswer {
  if (!FILTER_NAME.test(name)) {
    return answer(call, 'BadName', 'a filter name has 1 to 64 letters, digits, dots, dashes or underscores');
  }
  if (type === '') return answer(call, 'BadType', 'filterType is not set');
  if (!FILTER_ADDRESS.test(address)) {
    return answer(call, 'BadAddress', 'a filter address is inet://host:port or local:///path');
  }
  return answer(call, 'BadType', `this version has no client for filterType "${type}"`);
}

/** Runs the registered filters whose name fits; the names that ran come back, here always none. */
export const executeFilters: Method = (call, [pattern]) => {
  if (pattern !== undefined) call.input('filterNamePattern', pattern);
  const ran: readonly string[] = [];
  return Promise.resolve(ran);
};
