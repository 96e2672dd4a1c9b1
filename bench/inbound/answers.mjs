/**
 * Lets a child process of the bench answer questions of its parent, one at a time.
 *
 * A question is `{ id, what, how }`; the answer is what `questions[what](how)` resolves to, or the
 * message of what it threw. A child whose parent is gone ends itself, so that none is left behind.
 *
 * Callers: load.mjs, serve.mjs. The other side is child.mjs.
 */
export function answer(questions) {
  process.on('disconnect', () => process.exit());
  process.on('message', async ({ id, what, how }) => {
    try {
      process.send({ id, value: await questions[what](how) });
    } catch (error) {
      process.send({ id, failure: error.message });
    }
  });
  process.send({ ready: true });
}
