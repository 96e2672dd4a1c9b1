/**
 * Values that are there already or will be: most policies, and most pieces of most messages, need
 * not be waited for, and a promise for each of them costs more than the work.
 *
 * Callers: hooks and engine, on the way of every command.
 */

export type Soon<T> = T | Promise<T>;

/** Runs the step; when it fails, now or later, `failed` gives the value in its place, or throws. */
export function rescue<T>(step: () => Soon<T>, failed: (error: unknown) => T): Soon<T> {
  try {
    const value = step();
    return value instanceof Promise ? value.catch(failed) : value;
  } catch (error) {
    return failed(error);
  }
}

/** Runs the step; when it fails, now or later, `undo` runs and the failure goes on. */
export function orElse<T>(step: () => Soon<T>, undo: () => void): Soon<T> {
  return rescue(step, (error) => {
    undo();
    throw error;
  });
}

/** Goes on with the value: at once when it is there. A throw of `next` is a throw or a rejection. */
export function soon<T, U>(value: Soon<T>, next: (value: T) => Soon<U>): Soon<U> {
  return value instanceof Promise ? value.then(next) : next(value);
}
