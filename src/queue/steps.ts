/**
 * The durable steps of the queue, by name, so that a test can stop the process at each of them.
 *
 * Production passes nothing. A hook that throws makes the step fail, which is how tests play a
 * full or failing disk.
 *
 * Callers: queue/bodies and queue/sqlite, delivery/local.
 */

export type Step =
  | 'body.opened'
  | 'body.written'
  | 'body.synced'
  | 'body.published'
  | 'body.directorySynced'
  | 'body.removed'
  | 'row.written'
  | 'row.committed'
  | 'maildir.written'
  | 'maildir.synced'
  | 'maildir.published'
  | 'maildir.directorySynced';

/**
 * Called after the named step, `body.synced` and `maildir.synced` right after the fsync. With mail in
 * its batch `row.committed` comes after an fsync too; checks alone commit without one.
 */
export type StepHook = (step: Step) => void;

export const noSteps: StepHook = () => {
  // Nobody watches.
};
