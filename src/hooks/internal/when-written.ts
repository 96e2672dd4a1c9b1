/**
 * Handlers of the internal policies that run only where somebody before them, in the same event,
 * wrote one of some variables.
 *
 * They judge what was found out just now: what an earlier event has passed over, because a policy
 * said `accept`, is not taken up again, and where nobody writes, they cost nothing and no event
 * counts as heard because of them.
 *
 * Callers: hooks/internal declares such handlers, hooks/policy-set reads the mark.
 */
import { slotOf } from '../slots.js';
import type { VariableName } from '../table/index.js';

const WAKES = Symbol('postern.wakes');

/** Marks the handler; `names` are written by policies or filled by methods. */
export function whenWritten<H extends (ctx: never) => void>(names: readonly VariableName[], handler: H): H {
  const marked = (ctx: Parameters<H>[0]): void => {
    handler(ctx);
  };
  return Object.defineProperty(marked, WAKES, { value: names.map(slotOf) }) as H;
}

/** Slots of the variables whose writing makes the handler run; undefined for one that always runs. */
export function wakesOf(handler: unknown): readonly number[] | undefined {
  return typeof handler === 'function' && WAKES in handler
    ? (handler[WAKES] as readonly number[])
    : undefined;
}
