/**
 * Order for tests without sleeping: a gate that a double waits at, and a wait for a condition.
 */

export interface Gate {
  open(): void;
  readonly passed: Promise<void>;
}

/** A gate that a double waits at until the test opens it. */
export function gate(): Gate {
  let open: () => void = () => undefined;
  const passed = new Promise<void>((resolve) => {
    open = resolve;
  });
  return { open: () => open(), passed };
}

/** Lets the event loop turn until the condition holds; the test's own deadline is the end. */
export async function untilTrue(condition: () => boolean): Promise<void> {
  while (!condition()) await turns(1);
}

/** Lets the event loop turn so often, for what must not happen. */
export async function turns(count: number): Promise<void> {
  for (let i = 0; i < count; i += 1) await new Promise((resolve) => setImmediate(resolve));
}
