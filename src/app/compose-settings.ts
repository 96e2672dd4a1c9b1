/**
 * The administrative settings in force, as the settings file gives them.
 *
 * The file is watched; a change holds for sessions that begin after it, within a second. A file that
 * cannot be used refuses the start; afterwards it leaves the settings before it in force, and
 * says so once for each such file. The interface that comes later puts another source in its place.
 *
 * Callers: app/postern. Rejects with InvalidConfigError when the first file cannot be used.
 */
import type { Clock } from '../core/clock.js';
import { messageOf } from '../core/errors.js';
import type { FactBus } from '../core/facts.js';
import type { Logger } from '../core/log.js';
import { type AdminSettings, NOTHING_SET, type SettingsSource } from '../settings/settings-table.js';
import { tellWithoutEffect } from './admin-effect.js';
import type { Config } from './config-types.js';
import { InvalidConfigError } from './load-config.js';
import { readSettingsFile } from './settings-file.js';
import type { Teardown } from './teardown.js';
import { fileMark, watchFile } from './watch-file.js';

export interface SettingsDeps {
  readonly clock: Clock;
  readonly facts: FactBus;
  readonly log: Logger;
}

export interface LiveSettings extends SettingsSource {
  /** Hears of other settings right before they are in force; who throws keeps them from it. */
  onChange(hear: (settings: AdminSettings) => void): void;
  /** Looks at the file now; resolves when what it holds is in force, or kept out. Never rejects. */
  reload(): Promise<void>;
}

/** How often it is looked at the file. */
const LOOK_MS = 250;

const UNCHANGING: LiveSettings = {
  current: () => NOTHING_SET,
  onChange: () => undefined,
  reload: () => Promise.resolve(),
};

class FileSettings {
  readonly #config: Config;
  readonly #facts: FactBus;
  readonly #hearers: ((settings: AdminSettings) => void)[] = [];
  #current: AdminSettings;
  /** What the file came to at the last reading, so that nothing is told twice. */
  #seen = '';

  constructor(config: Config, facts: FactBus) {
    this.#config = config;
    this.#facts = facts;
    const reading = readSettingsFile(config.settingsFile);
    if (reading.status === 'invalid') throw new InvalidConfigError(reading.problems[0], reading.problems);
    this.#current = reading.settings;
    this.#tell(reading.names);
  }

  get current(): AdminSettings {
    return this.#current;
  }

  onChange(hear: (settings: AdminSettings) => void): void {
    this.#hearers.push(hear);
  }

  read(): void {
    const reading = readSettingsFile(this.#config.settingsFile);
    const now = JSON.stringify(
      reading.status === 'valid' ? reading.settings : reading.problems.map(({ message }) => message),
    );
    if (now === this.#seen) return;
    this.#seen = now;
    if (reading.status === 'invalid') {
      const [{ message }, ...more] = reading.problems;
      const others = more.length === 0 ? '' : ` (and ${more.length} more; postern check tells them all)`;
      this.#keep(message + others);
      return;
    }
    try {
      // Who hears of them makes what it needs first: then all of them hold, or none.
      for (const hear of this.#hearers) hear(reading.settings);
    } catch (error) {
      this.#keep(messageOf(error));
      return;
    }
    this.#current = reading.settings;
    this.#tell(reading.names);
  }

  #keep(message: string): void {
    this.#facts.publish('settings.kept', { file: this.#config.settingsFile, message });
  }

  #tell(names: readonly string[]): void {
    this.#seen = JSON.stringify(this.#current);
    this.#facts.publish('settings.loaded', { file: this.#config.settingsFile, names: names.join(', ') });
    tellWithoutEffect(this.#current, this.#config, this.#facts);
  }
}

/** Opens the settings file, if there is one, and keeps an eye on it. */
export async function composeSettings(
  config: Config,
  { clock, facts, log }: SettingsDeps,
  teardown: Teardown,
): Promise<LiveSettings> {
  const { settingsFile: path } = config;
  if (path === '') return UNCHANGING;
  // Before the reading: a file that is saved meanwhile is read again.
  const mark = await fileMark(path);
  const settings = new FileSettings(config, facts);
  const watch = watchFile({
    path,
    mark,
    clock,
    everyMs: LOOK_MS,
    changed: () => {
      settings.read();
    },
    failed: (error) => {
      log.error('the settings file could not be looked at', { file: path, error: messageOf(error) });
    },
  });
  teardown.add('settings file', () => {
    watch.stop();
  });
  return {
    current: () => settings.current,
    onChange: (hear) => {
      settings.onChange(hear);
    },
    reload: () => watch.look(),
  };
}
