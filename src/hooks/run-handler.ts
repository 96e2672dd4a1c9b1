/**
 * One handler on one event: start it, hold its deadline, and say how it ended.
 *
 * A handler ends `done`, or it has `failed` because it threw or ran past its deadline; both are
 * the same case to everybody above. A failed handler leaves nothing behind: its writes and edits
 * are taken back before this function resolves.
 *
 * Callers: hooks/session-run. Never rejects.
 */
import type { Cancel, Clock } from '../core/clock.js';
import { EngineError, isEngineError, messageOf } from '../core/errors.js';
import type { HandlerRun } from './handler-run.js';
import type { BoundHandler } from './policy-set.js';
import type { Watch } from './watchdog/watch.js';

export type HandlerEnd =
  | { readonly status: 'done' }
  | { readonly status: 'failed'; readonly error: EngineError; readonly at: string | undefined };

/** What every handler is run with. */
export interface HandlerGuards {
  readonly clock: Clock;
  readonly watch: Watch;
}

const DONE: HandlerEnd = { status: 'done' };

/** `file:line` of the first frame that lies in the policy's own file. */
function placeOf(error: unknown, file: string): string | undefined {
  const stack = error instanceof Error && typeof error.stack === 'string' ? error.stack : '';
  // Frames only: the text of the error stands above them and may name the file too.
  const frames = stack.split('\n').filter((line) => /^\s+at /.test(line));
  const frame = frames.find((line) => line.includes(`${file}:`));
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

function timedOut({ policy, event }: BoundHandler, ms: number): EngineError {
  return new EngineError('ERR_POLICY_TIMEOUT', { detail: { policy: policy.name, event, ms } });
}

/** Waits for the handler, at most `ms`. The handler's own promise may settle later; nobody hears it. */
function withinDeadline(
  answer: Promise<unknown>,
  run: HandlerRun,
  handler: BoundHandler,
  { clock, ms }: { readonly clock: Clock; readonly ms: number },
): Promise<HandlerEnd> {
  return new Promise((resolve) => {
    let settled = false;
    let cancel: Cancel | undefined;
    const end = (how: HandlerEnd): void => {
      settled = true;
      cancel?.();
      resolve(how);
    };
    answer.then(
      () => {
        run.close();
        end(DONE);
      },
      (error: unknown) => {
        end(failed(handler, run, error));
      },
    );
    // Most handlers have settled when this reaction runs, after those above; a timer for each of
    // them would cost more than the handler.
    const startTimer = (): void => {
      if (settled) return;
      cancel = clock.after(ms, () => {
        end(failed(handler, run, timedOut(handler, ms)));
      });
    };
    queueMicrotask(startTimer);
  });
}

/** Runs the handler to its end. Synchronous handlers end without a turn of the event loop. */
export function runHandler(
  handler: BoundHandler,
  run: HandlerRun,
  { clock, watch }: HandlerGuards,
  ms: number,
): HandlerEnd | Promise<HandlerEnd> {
  try {
    watch.enter(handler.mark);
    const answer = handler.call(new handler.Context(run));
    watch.leave();
    // Through Promise.resolve, a foreign thenable that breaks its contract fails its handler only.
    if (isThenable(answer)) return withinDeadline(Promise.resolve(answer), run, handler, { clock, ms });
    run.close();
    return DONE;
  } catch (error) {
    watch.leave();
    return failed(handler, run, error);
  }
}
