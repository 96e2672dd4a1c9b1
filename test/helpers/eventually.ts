/**
 * Waits until something holds, with a deadline: the end-to-end tests' only way to wait.
 *
 *     await eventually('the message in the Maildir', () => files().length > 0);
 */

/** How often it looks; short, because each look is cheap. */
const LOOK_MS = 20;

/**
 * Looks again and again until `look` answers something truthy, and answers that.
 * Fails after `withinMs` (default 15 s) with `what` and, where given, `about()`.
 */
export async function eventually<T>(
  what: string,
  look: () => T | Promise<T>,
  options: { readonly withinMs?: number; readonly about?: () => string } = {},
): Promise<NonNullable<T>> {
  const { withinMs = 15_000, about = () => '' } = options;
  const until = performance.now() + withinMs;
  for (;;) {
    const found = await look();
    if (found) return found;
    if (performance.now() > until) throw new Error(`waited ${withinMs} ms for ${what}\n${about()}`);
    await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
  }
}
