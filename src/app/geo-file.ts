/**
 * Keeps a GeoIP database in force that is the file on disk, or the last one that could be used.
 *
 * The file is looked at every second, which costs one system call; a rename, a new link and a file
 * that appears later are seen alike. A changed file is read when it has been the same for two looks,
 * so that one that is still being written is left alone. A file that cannot be used, or is gone, is
 * told once and tried again when it changes.
 *
 * Callers: app/compose-policies. Never rejects.
 */
import type { GeoFileFacts, HearDamage, Opening } from '../checks/geo-ip-reader.js';
import type { Clock } from '../core/clock.js';
import { messageOf } from '../core/errors.js';
import type { FactBus } from '../core/facts.js';
import { fileMark, watchFile } from './watch-file.js';

const LOOK_MS = 1000;

export interface GeoFileDeps {
  readonly clock: Clock;
  readonly facts: FactBus;
}

export interface WatchedGeoFile<F> {
  /** The database to ask now; undefined while there is none. */
  readonly inForce: () => F | undefined;
  close(): void;
}

type Open<F> = (path: string, heard: HearDamage) => Promise<Opening<F>>;

/** Reads the file and goes on looking at it. An empty path is no file and never becomes one. */
export async function watchGeoFile<F extends { readonly about: GeoFileFacts }>(
  setting: string,
  path: string,
  open: Open<F>,
  { clock, facts }: GeoFileDeps,
): Promise<WatchedGeoFile<F>> {
  let file: F | undefined;
  if (path === '') return { inForce: () => file, close: () => undefined };

  const kept = (message: string): void => {
    facts.publish('geoip.kept', { setting, file: path, message });
  };
  const read = async (): Promise<void> => {
    const opening = await open(path, (message) => {
      facts.publish('geoip.damaged', { setting, file: path, message });
    });
    if (opening.status === 'failed') {
      kept(opening.reason);
      return;
    }
    file = opening.file;
    const { type, builtAt } = file.about;
    const built = Number.isFinite(builtAt) ? new Date(builtAt).toISOString() : '';
    facts.publish('geoip.loaded', { setting, file: path, type, builtAt: built });
  };
  // Before the reading: a file that changes meanwhile is read again.
  const mark = await fileMark(path);
  await read();
  const watch = watchFile({
    path,
    mark,
    clock,
    everyMs: LOOK_MS,
    changed: read,
    failed: (error) => {
      kept(messageOf(error));
    },
  });
  return {
    inForce: () => file,
    close() {
      watch.stop();
    },
  };
}
