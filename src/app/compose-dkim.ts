/**
 * The keys with which messages are signed, read at the start and looked at from then on.
 *
 * A file that has changed, and has rested for one look, takes the place of the key before it at the
 * next message; one that cannot be used is told once and changes nothing.
 *
 * Callers: app/postern. Rejects with ERR_DKIM_KEY when a key cannot be used at the start; afterwards
 * nothing rejects.
 */
import { KeyRing, type SigningKey } from '../checks/signatures/signing-key.js';
import type { Clock } from '../core/clock.js';
import { EngineError, messageOf } from '../core/errors.js';
import type { Logger } from '../core/log.js';
import type { SigningPort } from '../engine/ports.js';
import type { Config } from './config-types.js';
import { type KeySetting, readKeyFile } from './dkim-key-files.js';
import type { Teardown } from './teardown.js';
import { fileMark, type FileWatch, watchFile } from './watch-file.js';

const LOOK_MS = 5_000;

export interface Dkim {
  readonly signing: SigningPort;
  /** Looks at every file now. Never rejects. */
  reload(): Promise<void>;
}

/** A key and its file. */
class KeySlot {
  readonly #setting: KeySetting;
  readonly #log: Logger;
  readonly #mark: string;
  #key: SigningKey;

  private constructor(setting: KeySetting, log: Logger, mark: string, key: SigningKey) {
    this.#setting = setting;
    this.#log = log;
    this.#mark = mark;
    this.#key = key;
  }

  static async open(setting: KeySetting, place: number, log: Logger): Promise<KeySlot> {
    const { keyFile: file } = setting;
    // Before the reading: a file that changes meanwhile is read again.
    const mark = await fileMark(file);
    const reading = await readKeyFile(setting);
    if (reading.status === 'bad') {
      const detail = { key: `dkim.keys[${place}]`, file, reason: reading.reason };
      throw new EngineError('ERR_DKIM_KEY', { detail });
    }
    const slot = new KeySlot(setting, log, mark, reading.key);
    slot.#tell(reading.warnings);
    return slot;
  }

  get key(): SigningKey {
    return this.#key;
  }

  /** Keeps an eye on the file; `exchanged` hears when another key is in its place. */
  watch(clock: Clock, exchanged: () => void): FileWatch {
    const { keyFile: path } = this.#setting;
    return watchFile({
      path,
      mark: this.#mark,
      clock,
      everyMs: LOOK_MS,
      changed: async () => {
        if (await this.#read()) exchanged();
      },
      failed: (error) => {
        this.#refuse(messageOf(error));
      },
    });
  }

  async #read(): Promise<boolean> {
    const reading = await readKeyFile(this.#setting);
    if (reading.status === 'bad') {
      this.#refuse(reading.reason);
      return false;
    }
    this.#key = reading.key;
    this.#tell(reading.warnings);
    return true;
  }

  #refuse(reason: string): void {
    const { keyFile: file, domain, selector } = this.#setting;
    const about = { domain, selector, file, reason };
    this.#log.error('a changed DKIM key cannot be used; the one before stays', about);
  }

  #tell(warnings: readonly string[]): void {
    const { keyFile: file, domain, selector } = this.#setting;
    this.#log.info('DKIM key loaded', { domain, selector, algorithm: this.#key.algorithm });
    for (const reason of warnings) this.#log.warn('a DKIM key should be mended', { file, reason });
  }
}

/** Nothing without `dkim.keys`: then no message is signed. */
export async function composeDkim(
  { dkim }: Pick<Config, 'dkim'>,
  { clock, log }: { readonly clock: Clock; readonly log: Logger },
  teardown: Teardown,
): Promise<Dkim | undefined> {
  if (dkim.keys.length === 0) return undefined;
  const slots = await Promise.all(dkim.keys.map((setting, place) => KeySlot.open(setting, place, log)));
  const ringOf = (): KeyRing => new KeyRing(slots.map((slot) => slot.key));
  let ring = ringOf();
  const watches = slots.map((slot) =>
    slot.watch(clock, () => {
      ring = ringOf();
    }),
  );
  teardown.add('DKIM keys', () => {
    for (const watch of watches) watch.stop();
  });
  const signing = {
    keys: () => ring,
    signsSubmitted: dkim.sign === 'submitted',
    lifetimeMs: dkim.lifetime,
  };
  return {
    signing,
    async reload() {
      await Promise.all(watches.map((watch) => watch.look()));
    },
  };
}
