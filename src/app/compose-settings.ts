/**
 * The administrative settings in force, as the settings file gives them.
 *
 * The file is watched as policy files are; a change holds for sessions that begin after it. A file
 * that cannot be used refuses the start; afterwards it leaves the settings before it in force, and
 * says so once for each such file. The interface that comes later puts another source in its place.
 *
 * Callers: app/postern. Rejects with InvalidConfigError when the first file cannot be used.
 */
import type { Clock } from '../core/clock.js';
import type { FactBus } from '../core/facts.js';
import type { Logger } from '../core/log.js';
import { type AdminSettings, NOTHING_SET, type SettingsSource } from '../settings/settings-table.js';
import { tellWithoutEffect } from './admin-effect.js';
import type { Config } from './config-types.js';
import { InvalidConfigError } from './load-config.js';
import { readSettingsFile } from './settings-file.js';
import type { Teardown } from './teardown.js';
import { watchPaths } from './watch-paths.js';

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

/** Quiet time after the last change before the file is read: a save comes as several events. */
const SETTLE_MS = 60;

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

/** Opens the settings file, if there is one, and keeps an eye on it. */
export async function composeSettings(
  config: Config,
  { clock, facts, log }: SettingsDeps,
  teardown: Teardown,
): Promise<LiveSettings> {
  if (config.settingsFile === '') return UNCHANGING;
  const settings = new FileSettings(config, facts);
  let cancel = (): void => undefined;
  const changed = (): void => {
    cancel();
    cancel = clock.after(SETTLE_MS, () => {
      settings.reload();
    });
  };
  const watcher = await watchPaths([config.settingsFile], { clock, log, changed });
  teardown.add('settings file', async () => {
    cancel();
    await watcher.close();
  });
  return settings;
}
