/**
 * One handler on one event: start it, hold its deadline, and say how it ended.
 *
 * A handler ends `done`, or it has `failed` because it threw or ran past its deadline; both are
 * the same case to everybody above. A failed handler leaves nothing behind: its writes and edits
 * are taken back before this function resolves.
 *
 * Callers: hooks/session-run. Never rejects.
 */
import type { Clock } from '../core/clock.js';
import { EngineError, isEngineError, messageOf } from '../core/errors.js';
import type { HandlerRun } from './handler-run.js';
import type { BoundHandler } from './policy-set.js';
import type { Watch } from './watchdog/watch.js';

export type HandlerEnd =
  | { readonly status: 'done' }
  | { readonly status: 'failed'; readonly error: EngineError; readonly at: string | undefined };

export interface HandlerDeadline {
  readonly clock: Clock;
  readonly ms: number;
  readonly watch: Watch;
}

const DONE: HandlerEnd = { status: 'done' };

/** `file:line` of the first frame that lies in the policy's own file. */
function placeOf(error: unknown, file: string): string | undefined {
  const stack = error instanceof Error ? (error.stack ?? '') : '';
  const frame = stack.split('\n').find((line) => line.includes(file));
  const position = frame === undefined ? undefined : /:(\d+):\d+\)?$/.exec(frame)?.[1];
  return position === undefined ? undefined : `${file}:${position}`;
}

function failed(handler: BoundHandler, run: HandlerRun, thrown: unknown): HandlerEnd {
  run.rollback();
  const error = isEngineError(thrown)
    ? thrown
    : new EngineError('ERR_POLICY_THREW', {
        cause: thrown,
        detail: { policy: handler.policy.name, event: handler.event, reason: messageOf(thrown) },
      });
  return { status: 'failed', error, at: placeOf(thrown, handler.policy.file) };
}

function isThenable(value: unknown): value is PromiseLike<unknown> {
  return typeof value === 'object' && value !== null && 'then' in value && typeof value.then === 'function';
}

function withinDeadline(
  answer: PromiseLike<unknown>,
  handler: BoundHandler,
  run: HandlerRun,
  { clock, ms }: HandlerDeadline,
): Promise<HandlerEnd> {
  return new Promise((resolve) => {
    const cancel = clock.after(ms, () => {
      const { name } = handler.policy;
      const late = new EngineError('ERR_POLICY_TIMEOUT', {
        detail: { policy: name, event: handler.event, ms },
      });
      resolve(failed(handler, run, late));
    });
    answer.then(
      () => {
        cancel();
        run.close();
        resolve(DONE);
      },
      (error: unknown) => {
        cancel();
        resolve(failed(handler, run, error));
      },
    );
  });
}

/** Runs the handler to its end. Synchronous handlers end without a turn of the event loop. */
export function runHandler(
  handler: BoundHandler,
  run: HandlerRun,
  deadline: HandlerDeadline,
): HandlerEnd | Promise<HandlerEnd> {
  try {
    deadline.watch.enter(handler.mark);
    const answer = handler.call(new handler.Context(run));
    deadline.watch.leave();
    if (isThenable(answer)) return withinDeadline(answer, handler, run, deadline);
    run.close();
    return DONE;
  } catch (error) {
    deadline.watch.leave();
    return failed(handler, run, error);
  }
}
