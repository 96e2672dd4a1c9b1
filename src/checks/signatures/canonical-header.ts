/**
 * The octets of a header that a signature covers (RFC 6376 §3.4.1, §3.4.2, §3.7, §5.4.2).
 *
 * Texts here have one character for each octet. The canonical form of a field is made once for a
 * message, however many signatures cover it. White space is SP and TAB and nothing else, since octets
 * such as 0xA0 are parts of characters. All of it is linear in what it reads.
 *
 * Callers: judgement.ts, sign.ts. Never throws.
 */
import type { HeaderBlock } from '../../message/header-block.js';

export type HeaderForm = 'simple' | 'relaxed';

const NOT_ASCII = /[\u0080-\uffff]/;
const UNEVEN = /[\t\r\n]| {2}/;
const LINE_END = /\r?\n/g;
/** All white space but single spaces, which stay as they are. */
const UNEVEN_SPACE = /\t[ \t]*| [ \t]+/g;

/** A text with its folds undone and its white space as single spaces, none of them at its ends. */
function relaxedValue(text: string): string {
  const even = UNEVEN.test(text) ? text.replace(LINE_END, '').replace(UNEVEN_SPACE, ' ') : text;
  const start = even.startsWith(' ') ? 1 : 0;
  const end = even.endsWith(' ') ? even.length - 1 : even.length;
  return even.slice(start, end);
}

/** The relaxed form of a field, without a line end; the text may have its own or not. */
export function relaxedField(text: string): string {
  const colon = text.indexOf(':');
  // Most values are even but for that line end.
  const end = text.endsWith('\r\n') ? text.length - 2 : text.length;
  return `${text.slice(0, colon).trim().toLowerCase()}:${relaxedValue(text.slice(colon + 1, end))}`;
}

function isSignatureTag(name: string): boolean {
  // As the tags were read: in UTF-8, with any white space around the name.
  return (NOT_ASCII.test(name) ? Buffer.from(name, 'latin1').toString() : name).trim() === 'b';
}

/** The field of a signature without the value of its `b=`: the last one, if there are several. */
export function withoutSignature(field: string): string {
  const front = field.indexOf(':') + 1;
  for (let end = field.length; end >= front; ) {
    const start = Math.max(front, field.lastIndexOf(';', end - 1) + 1);
    const tag = field.slice(start, end);
    const equals = tag.indexOf('=');
    if (equals >= 0 && isSignatureTag(tag.slice(0, equals))) {
      return field.slice(0, start + equals + 1) + field.slice(end);
    }
    end = start - 1;
  }
  return field;
}

/** The names of an `h=` in lower case; those that are no name of any field are left out. */
function namesIn(list: string): readonly string[] {
  if (!NOT_ASCII.test(list)) return list.toLowerCase().split(':');
  // Some characters of other scripts have a small letter in ASCII.
  return list
    .split(':')
    .filter((name) => !NOT_ASCII.test(name))
    .map((name) => name.toLowerCase());
}

class Field {
  readonly simple: string;
  #relaxed: string | undefined;

  constructor(raw: Buffer) {
    this.simple = raw.toString('latin1');
  }

  get relaxed(): string {
    this.#relaxed ??= `${relaxedField(this.simple)}\r\n`;
    return this.#relaxed;
  }
}

export class CanonicalHeader {
  readonly #header: HeaderBlock;
  /** Indexes of the fields by their names in lower case, from above. */
  #places: Map<string, number[]> | undefined;
  /** The fields that were asked for, by their indexes. */
  readonly #fields: Field[] = [];

  constructor(header: HeaderBlock) {
    this.#header = header;
  }

  /**
   * What is signed: the fields that `names`, an `h=`, stands for, and then `signature`, the field
   * of the signature itself without its last line end.
   */
  covered(names: string, form: HeaderForm, signature: string): Buffer {
    const places = this.#placesByName();
    const taken = new Map<string, number>();
    let text = '';
    for (const name of namesIn(names)) {
      const all = places.get(name);
      if (!all) continue;
      // Each name stands for one field more, from the lowest upwards; then for none.
      const times = (taken.get(name) ?? 0) + 1;
      taken.set(name, times);
      const place = all[all.length - times];
      if (place !== undefined) text += this.#fieldAt(place)[form];
    }
    text += withoutSignature(form === 'simple' ? signature : relaxedField(signature));
    return Buffer.from(text, 'latin1');
  }

  #placesByName(): ReadonlyMap<string, readonly number[]> {
    if (this.#places) return this.#places;
    const places = new Map<string, number[]>();
    for (const [place, { name }] of this.#header.fields.entries()) {
      const key = name.toLowerCase();
      const all = places.get(key);
      if (all) all.push(place);
      else places.set(key, [place]);
    }
    this.#places = places;
    return places;
  }

  #fieldAt(place: number): Field {
    const known = this.#fields[place];
    if (known) return known;
    const field = this.#header.fields[place];
    const made = new Field(field ? field.raw : Buffer.alloc(0));
    this.#fields[place] = made;
    return made;
  }
}
