/**
 * Names out of a packet, in time linear in the packet.
 *
 * A name may end in a pointer to an earlier one, and a few octets of pointers can stand for very much
 * text. So each place of a packet is looked at once, whatever points to it; a pointer leads to before
 * the labels it continues; a name has 255 octets and 254 parts at most.
 *
 * Callers: response-packet and read-record, with one reader for each packet; query-packet.
 * RFC 1035 §2.3.4 (lengths), RFC 1035 §4.1.4 (pointers), RFC 9267 §2 (what goes wrong with them).
 */
import { labelText } from './label-text.js';

const LONGEST_LABEL = 63;
const LONGEST_NAME = 255;
/** 127 labels fit a name, and no name needs more than one pointer for each. */
const MOST_PARTS = 254;
/** The two top bits tell a pointer, the other fourteen where it leads. */
const POINTER = 0xc0;

/** What stands from one place of the packet to the end of its name. */
interface Tail {
  readonly text: string;
  /** In the packet without pointers, with the octet of the root. */
  readonly octets: number;
  /** Labels and pointers. */
  readonly parts: number;
}

const ROOT: Tail = { text: '', octets: 1, parts: 0 };

export class NameReader {
  readonly #packet: Buffer;
  readonly #tails = new Map<number, Tail>();
  /** Where the name that was read last ends. */
  end = 0;
  /** Why the name that was read last is none. */
  flaw = '';
  /** Places looked at so far; for all names of a packet, read in turn, fewer than twice its octets. */
  steps = 0;

  constructor(packet: Buffer) {
    this.#packet = packet;
  }

  /** The name at `at`, without a final dot, `.` for the root; `undefined` when it is none. */
  read(at: number): string | undefined {
    const tail = this.#tailAt(at);
    return tail && (tail.text === '' ? '.' : tail.text);
  }

  #tailAt(start: number): Tail | undefined {
    const packet = this.#packet;
    const passed: number[] = [];
    let at = start;
    // Pointers must lead to before this place, which moves back with each: no loop can form.
    let before = start;
    let end: number | undefined;
    for (;;) {
      this.steps++;
      // Before the first pointer nothing is known yet, and the end has to be found.
      const known = end === undefined ? undefined : this.#tails.get(at);
      const length = packet[at];
      if (known || length === 0) {
        this.end = end ?? at + 1;
        return this.#keep(passed, known ?? ROOT);
      }
      if (length === undefined) return this.#fail('a name ends beyond the packet');
      if (passed.push(at) > MOST_PARTS) return this.#fail('a name of too many parts');
      if (length <= LONGEST_LABEL) at += 1 + length;
      else {
        const target = this.#targetAt(at, before);
        if (target === undefined) return undefined;
        end ??= at + 2;
        at = before = target;
      }
    }
  }

  #targetAt(at: number, before: number): number | undefined {
    const high = this.#packet[at] ?? 0;
    const low = this.#packet[at + 1];
    if (high < POINTER) return this.#fail('a label of an unknown kind');
    if (low === undefined) return this.#fail('a name ends beyond the packet');
    const target = ((high & ~POINTER) << 8) | low;
    return target < before ? target : this.#fail('a pointer that does not lead back');
  }

  /** From the last part that was passed to the first, each with what follows it. */
  #keep(passed: readonly number[], end: Tail): Tail | undefined {
    let tail = end;
    for (let index = passed.length - 1; index >= 0; index--) {
      const at = passed[index] ?? 0;
      tail = this.#extend(at, tail);
      if (tail.octets > LONGEST_NAME) return this.#fail('a name of more than 255 octets');
      if (tail.parts > MOST_PARTS) return this.#fail('a name of too many parts');
      this.#tails.set(at, tail);
    }
    return tail;
  }

  #extend(at: number, tail: Tail): Tail {
    const length = this.#packet[at] ?? 0;
    const { text, octets } = tail;
    const parts = tail.parts + 1;
    if (length >= POINTER) return { text, octets, parts };
    const label = labelText(this.#packet, at + 1, at + 1 + length);
    return { text: text === '' ? label : `${label}.${text}`, octets: octets + 1 + length, parts };
  }

  #fail(flaw: string): undefined {
    this.flaw = flaw;
    return undefined;
  }
}
