/**
 * `definePolicy` and `rule`: identity functions that carry types.
 *
 * A policy is data: it can be listed, checked and reloaded without running its handlers. The brand
 * lets the loader tell a policy from any other object that a file happens to export.
 *
 * Callers: policy authors through `postern/policy`; hooks/policy-set reads the result.
 */
import type { EventName } from './table/index.js';
import type { Context, JsonSafe, NothingReserved, OwnMethods, Policy, PolicySpec } from './types.js';

/** Survives several copies of the package in one process, unlike a class or a module-local symbol. */
const BRAND = Symbol.for('postern.policy');
const PLACE = Symbol.for('postern.policy.place');

/** `file:line` of the call of definePolicy, so that a mistake in the object can be shown where it is. */
function placeOfCaller(): string {
  const frame = (new Error('place').stack ?? '').split('\n')[3] ?? '';
  const [, file = '', line = ''] = /(?:file:\/\/)?(\/.*):(\d+):\d+\)?$/.exec(frame) ?? [];
  return file === '' ? '' : `${file}:${line}`;
}

/**
 * Declares a policy.
 *
 * @example
 * export default definePolicy({
 *   name: 'no-spam',
 *   async onConnect(ctx) {
 *     const { DNSBLResult } = await ctx.checkDNSBL('dnsbl.example.org');
 *     if (DNSBLResult !== '') ctx.smtpAction = 'reject';
 *   },
 * });
 */
export function definePolicy<
  S extends object = Record<never, never>,
  M extends JsonSafe<M> & NothingReserved = Record<never, never>,
  U extends OwnMethods = Record<never, never>,
>(spec: PolicySpec<S, M, U>): Policy {
  return Object.defineProperties(
    { ...spec },
    { [BRAND]: { value: true }, [PLACE]: { value: placeOfCaller() } },
  );
}

/** Where a policy was defined, when that is in `file`; else the file itself. */
export function placeIn(file: string, policy: object): string {
  const place = PLACE in policy ? String(policy[PLACE]) : '';
  return place.startsWith(`${file}:`) ? place : file;
}

/** Whether a value was made by `definePolicy`, of this or another copy of the package. */
export function isPolicy(value: unknown): value is Policy {
  return typeof value === 'object' && value !== null && BRAND in value;
}

/**
 * A handler with a guard: `then` runs only when `when` says so.
 *
 * @example
 * onMailFrom: rule<'onMailFrom'>((ctx) => ctx.SPFResult === 'Fail', (ctx) => { ctx.smtpAction = 'reject'; })
 */
export function rule<E extends EventName>(
  when: (ctx: Context<E>) => boolean | Promise<boolean>,
  then: (ctx: Context<E>) => void | Promise<void>,
): (ctx: Context<E>) => Promise<void> {
  return async (ctx) => {
    if (await when(ctx)) await then(ctx);
  };
}
