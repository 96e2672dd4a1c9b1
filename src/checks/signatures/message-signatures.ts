/**
 * The signatures of one message, from its header to their results.
 *
 * Made when the header is there, fed with the body as it arrives, asked when the message is over.
 * A message without signatures costs nothing but the look at its field names. The results are found
 * once, however many policies ask.
 *
 * Callers: engine/stages makes and feeds one per message; hooks/methods asks it. `verify` never
 * rejects.
 */
import type { KeyAnswer, KeySource } from 'mailauth/lib/dkim/dkim-verifier.js';
import type { Clock } from '../../core/clock.js';
import { type LateSignal, lateSignal } from '../../core/deadline.js';
import { messageOf } from '../../core/errors.js';
import type { Soon } from '../../core/soon.js';
import type { Resolver } from '../../dns/resolver.js';
import type { HeaderBlock } from '../../message/header-block.js';
import { mailauthLookups, type Lookups } from '../mailauth-lookups.js';
import { arcOutcome, arcTrouble } from './arc.js';
import { type Author, readAuthor } from './author.js';
import { dkimOutcome, dkimTrouble } from './dkim.js';
import type { KeyCache } from './key-cache.js';
import { Turns } from './turns.js';
import type { Verified } from './verified.js';
import { loadVerifier, type SignatureVerifier } from './verifier.js';

export interface SignatureDeps {
  readonly resolver: Resolver;
  readonly clock: Clock;
  readonly keys: KeyCache;
  /** Milliseconds for the signatures of a message, and as much again for its chain. Default 10,000. */
  readonly deadlineMs?: number;
}

const DEADLINE_MS = 10_000;
/** Keys of one message that are asked for at once: a stranger writes the names, and may write many. */
const KEYS_AT_ONCE = 8;

/** Fields by which a message is signed; names in lower case. */
const SIGNING: ReadonlySet<string> = new Set([
  'dkim-signature',
  'arc-seal',
  'arc-message-signature',
  'arc-authentication-results',
]);

function isSigned(header: HeaderBlock): boolean {
  return header.fields.some(({ name }) => {
    // Most names are told apart by their first letter.
    const first = name.charCodeAt(0) | 0x20;
    return (first === 0x64 || first === 0x61) && SIGNING.has(name.toLowerCase());
  });
}

export class MessageSignatures {
  readonly #deps: SignatureDeps;
  readonly #header: HeaderBlock;
  #verifier: SignatureVerifier | undefined;
  /** Why there is no verifier although there are signatures. */
  #trouble = '';
  #verified: Promise<Verified> | undefined;

  private constructor(deps: SignatureDeps, header: HeaderBlock) {
    this.#deps = deps;
    this.#header = header;
  }

  /** Reads the signatures of `header`, which is the header as it came, before anybody's edits. */
  static begin(deps: SignatureDeps, header: HeaderBlock): Soon<MessageSignatures> {
    const made = new MessageSignatures(deps, header);
    if (!isSigned(header)) return made;
    return made.#prepare().then(() => made);
  }

  /** The next octets of the body; they are looked at now and not kept. */
  update(octets: Buffer): void {
    const { bodyHashes } = this.#verifier ?? {};
    if (bodyHashes) for (const hash of bodyHashes.values()) hash.update(octets);
  }

  /** The whole body has come. */
  verify(): Promise<Verified> {
    this.#verified ??= this.#verify();
    return this.#verified;
  }

  async #prepare(): Promise<void> {
    try {
      const newVerifier = await loadVerifier();
      const verifier = newVerifier(new Date(this.#deps.clock.now()));
      await verifier.begin(this.#header);
      this.#verifier = verifier;
    } catch (error) {
      this.#trouble = messageOf(error);
    }
  }

  async #verify(): Promise<Verified> {
    const author = readAuthor(this.#header);
    if (!this.#verifier && this.#trouble === '') await this.#prepare();
    if (!this.#verifier) return failed(this.#trouble, author);
    const verifier = this.#verifier;
    try {
      // Each in its own time: keys that do not come leave their signatures undecided, and no others;
      // a chain of many can take nothing from those.
      const dkim = await this.#inTime(async (late) => {
        const lookups = mailauthLookups(this.#deps.resolver, late);
        return dkimOutcome(await verifier.conclude(this.#keySource(lookups)), lookups);
      });
      const arc = await this.#inTime((late) => {
        const lookups = mailauthLookups(this.#deps.resolver, late);
        verifier.arc.keyCache = this.#keySource(lookups);
        return arcOutcome(verifier.arc, lookups);
      });
      return { dkim, arc, author };
    } catch (error) {
      return failed(messageOf(error), author);
    }
  }

  async #inTime<T>(work: (late: LateSignal) => Promise<T>): Promise<T> {
    const { clock, deadlineMs = DEADLINE_MS } = this.#deps;
    const late = lateSignal({ clock, ms: deadlineMs });
    try {
      return await work(late);
    } finally {
      late.release();
    }
  }

  #keySource(lookups: Lookups): KeySource {
    const { keys } = this.#deps;
    const turns = new Turns(KEYS_AT_ONCE);
    // Asked for ahead and then again when the signature is judged; several may have one key.
    const asked = new Map<string, Promise<KeyAnswer>>();
    return {
      resolver: lookups.resolve,
      get(type, name, _minBits, options = {}) {
        const id = `${options.strict === true} ${options.hashAlgo ?? ''} ${name}`;
        const known = asked.get(id);
        if (known) return known;
        const asking = turns.take(() => keys.get({ type, name, options }, lookups));
        // The library asks ahead, and when the first thing that is wrong ends its work nobody hears the rest.
        asking.catch(() => undefined);
        asked.set(id, asking);
        return asking;
      },
    };
  }
}

function failed(why: string, author: Author): Verified {
  return { dkim: dkimTrouble(why), arc: arcTrouble(why), author };
}
