/**
 * Looks at one file again and again, and has it read when it has changed.
 *
 * A change counts when two looks in a row see the same state, since somebody may be writing; an
 * urgent look, for SIGHUP, does not wait for the second. A link or a folder above that is turned is
 * a change, and so is trouble with the file system. Looks and readings come one after the other, so
 * that an older state never replaces a newer one.
 *
 * Callers: app/compose-settings, app/compose-dkim, app/geo-file. Nothing here throws or rejects.
 */
import { stat } from 'node:fs/promises';
import type { Cancel, Clock } from '../core/clock.js';
import { messageOf } from '../core/errors.js';

export interface WatchedFile {
  readonly path: string;
  /** Its state from before it was first read: what is saved during that reading is a change. */
  readonly mark: string;
  readonly clock: Clock;
  /** Milliseconds between looks. */
  readonly everyMs: number;
  /** Reads the file. What it throws is told; the file is read again when it changes again. */
  readonly changed: () => Promise<void> | void;
  /** Tells it; may not throw. */
  readonly failed: (error: unknown) => void;
}

export interface FileWatch {
  /** Looks now; resolves when the file as it is has been read, also by a look before this one. */
  look(): Promise<void>;
  /** Ends the looking; a reading that is under way ends by itself. */
  stop(): void;
}

/** What tells one state of the file from another: which file it is, its size and its times. */
export async function fileMark(path: string): Promise<string> {
  try {
    // The file that a link points to: files are often exchanged by changing the link.
    const { dev, ino, size, mtimeNs, ctimeNs } = await stat(path, { bigint: true });
    // The time of the last change of anything shows a file that has become readable.
    return `${dev} ${ino} ${size} ${mtimeNs} ${ctimeNs}`;
  } catch (error) {
    return messageOf(error);
  }
}

/** Begins to look. `markOf` is for tests. */
export function watchFile(
  file: WatchedFile,
  markOf: (path: string) => Promise<string> = fileMark,
): FileWatch {
  const { path, clock, everyMs, changed, failed } = file;
  let read = file.mark;
  let seen = file.mark;
  let isOver = false;
  let cancel: Cancel = () => undefined;
  let last: Promise<void> = Promise.resolve();

  const lookOnce = async (isUrgent: boolean): Promise<void> => {
    if (isOver) return;
    try {
      const mark = await markOf(path);
      const isSettled = isUrgent || mark === seen;
      seen = mark;
      if (isOver || mark === read || !isSettled) return;
      // Before the reading: a file that changes meanwhile is read again.
      read = mark;
      await changed();
    } catch (error) {
      failed(error);
    }
  };
  const look = (isUrgent: boolean): Promise<void> => {
    last = last.then(() => lookOnce(isUrgent));
    return last;
  };
  const later = (): void => {
    if (isOver) return;
    cancel = clock.after(everyMs, () => {
      look(false).then(later, failed);
    });
  };
  later();
  return {
    look: () => look(true),
    stop() {
      isOver = true;
      cancel();
    },
  };
}
