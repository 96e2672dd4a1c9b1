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
  const name = call.read('filterName') ?? '';
  const type = call.read('filterType') ?? '';
  const wrongName = 'a filter name has 1 to 64 letters, digits, dots, dashes or underscores';
  const result = FILTER_NAME.test(String(name))
    ? answer(call, 'BadType', `this version has no client for filterType "${type}"`)
    : answer(call, 'BadName', wrongName);
  return Promise.resolve(result);
};

/** Runs the registered filters whose name fits; the names that ran come back, here always none. */
export const executeFilters: Method = (call, [pattern]) => {
  if (pattern !== undefined) call.input('filterNamePattern', pattern);
  const ran: readonly string[] = [];
  return Promise.resolve(ran);
};
