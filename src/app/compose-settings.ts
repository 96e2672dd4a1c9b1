/**
 * The administrative settings in force, as the settings file gives them.
 *
 * The file is watched; a change holds for sessions that begin after it, within a second. A file that
 * cannot be used refuses the start; afterwards it leaves the settings before it in force, and
 * says so once for each such file. The interface that comes later puts another source in its place.
 *
 * Callers: app/postern. Throws InvalidConfigError when the first file cannot be used.
 */
import { statSync } from 'node:fs';
import type { Cancel, Clock } from '../core/clock.js';
import { messageOf } from '../core/errors.js';
import type { FactBus } from '../core/facts.js';
import type { Logger } from '../core/log.js';
import { type AdminSettings, NOTHING_SET, type SettingsSource } from '../settings/settings-table.js';
import { tellWithoutEffect } from './admin-effect.js';
import type { Config } from './config-types.js';
import { InvalidConfigError } from './load-config.js';
import { readSettingsFile } from './settings-file.js';
import type { Teardown } from './teardown.js';

export interface SettingsDeps {
  readonly clock: Clock;
  readonly facts: FactBus;
  readonly log: Logger;
}

export interface LiveSettings extends SettingsSource {
  /** Hears of other settings as soon as they are in force. */
  onChange(hear: (settings: AdminSettings) => void): void;
  /** Looks at the file now. */
  reload(): void;
}

/** How often it is looked at the file; a look costs one system call. */
const LOOK_MS = 250;

const UNCHANGING: LiveSettings = {
  current: () => NOTHING_SET,
  onChange: () => undefined,
  reload: () => undefined,
};

class FileSettings implements LiveSettings {
  readonly #config: Config;
  readonly #facts: FactBus;
  readonly #hearers: ((settings: AdminSettings) => void)[] = [];
  #current: AdminSettings;
  /** What the file came to at the last look, so that nothing is told twice. */
  #seen = '';

  constructor(config: Config, facts: FactBus) {
    this.#config = config;
    this.#facts = facts;
    const reading = readSettingsFile(config.settingsFile);
    if (reading.status === 'invalid') throw new InvalidConfigError(reading.problems[0], reading.problems);
    this.#current = reading.settings;
    this.#tell(reading.names);
  }

  current(): AdminSettings {
    return this.#current;
  }

  onChange(hear: (settings: AdminSettings) => void): void {
    this.#hearers.push(hear);
  }

  reload(): void {
    const reading = readSettingsFile(this.#config.settingsFile);
    const now = JSON.stringify(
      reading.status === 'valid' ? reading.settings : reading.problems.map(({ message }) => message),
    );
    if (now === this.#seen) return;
    this.#seen = now;
    if (reading.status === 'invalid') {
      const [{ message }, ...more] = reading.problems;
      const others = more.length === 0 ? '' : ` (and ${more.length} more; postern check tells them all)`;
      this.#facts.publish('settings.kept', { file: this.#config.settingsFile, message: message + others });
      return;
    }
    this.#current = reading.settings;
    this.#tell(reading.names);
    for (const hear of this.#hearers) hear(reading.settings);
  }

  #tell(names: readonly string[]): void {
    this.#seen = JSON.stringify(this.#current);
    this.#facts.publish('settings.loaded', { file: this.#config.settingsFile, names: names.join(', ') });
    tellWithoutEffect(this.#current, this.#config, this.#facts);
  }
}

/** What the path leads to now, through links, and its state; `gone` when that is nothing. */
function markOf(file: string): string {
  const found = statSync(file, { bigint: true, throwIfNoEntry: false });
  return found === undefined ? 'gone' : `${found.dev}:${found.ino}:${found.size}:${found.mtimeNs}`;
}

/**
 * Looks at the file again and again; `changed` is called when two looks in a row see the same new
 * state, since somebody may be writing. A look also sees a link or a folder above that was turned.
 */
function watchFile(file: string, clock: Clock, changed: () => void): Cancel {
  let settled = markOf(file);
  let seen = settled;
  let cancel: Cancel = () => undefined;
  const look = (): void => {
    const now = markOf(file);
    if (now === seen && now !== settled) {
      settled = now;
      changed();
    }
    seen = now;
    cancel = clock.after(LOOK_MS, look);
  };
  cancel = clock.after(LOOK_MS, look);
  return () => {
    cancel();
  };
}

/** Opens the settings file, if there is one, and keeps an eye on it. */
export function composeSettings(
  config: Config,
  { clock, facts, log }: SettingsDeps,
  teardown: Teardown,
): LiveSettings {
  const { settingsFile: file } = config;
  if (file === '') return UNCHANGING;
  const settings = new FileSettings(config, facts);
  const changed = (): void => {
    try {
      settings.reload();
    } catch (error) {
      // Who hears of a change must not end the looking.
      log.error('changed settings could not be put in force', { file, error: messageOf(error) });
    }
  };
  teardown.add('settings file', watchFile(file, clock, changed));
  return settings;
}
