/**
 * The header of a message: ordered fields, every untouched one kept octet for octet (RFC 5322 §2.2).
 *
 * A block is immutable; an edit gives a new block that shares the fields it did not touch. Fields
 * are cut from the octets as they came, with their folding and their 8-bit characters, and are
 * decoded only for reading. Built by a collector from pieces of any size under a fixed bound.
 *
 * Callers: engine/stages/headers. It satisfies HeaderAccess of hooks/ports by shape. Nothing throws
 * for what a client sent.
 */
import { isUtf8 } from 'node:buffer';
import type { HeaderEdit } from './header-edits.js';
import { applyEdit } from './header-edits.js';
import type { HeaderField } from './header-field.js';

export interface HeaderBlock {
  readonly fields: readonly HeaderField[];
  get(name: string): string | undefined;
  getAll(name: string): readonly string[];
  entries(): readonly (readonly [name: string, value: string])[];
  count(name: string): number;
  apply(edit: HeaderEdit): HeaderBlock;
  /** A block with `raw`, one whole field, in front of the others. */
  prepend(name: string, raw: Buffer): HeaderBlock;
  /** A block of the fields that `keeps` says yes to; the same block when it says yes to all. */
  filter(keeps: (field: HeaderField) => boolean): HeaderBlock;
  /** The octets of all fields and the blank line that ends them. */
  toBuffer(): Buffer;
}

const CRLF = Buffer.from('\r\n');
const LF = 0x0a;
const COLON = 0x3a;

/** The unfolded value (RFC 5322 §2.2.3): folds lose their CRLF, the ends their white space. */
function valueOf(field: HeaderField): string {
  const raw = field.raw.subarray(field.raw.indexOf(COLON) + 1);
  const text = isUtf8(raw) ? raw.toString('utf8') : raw.toString('latin1');
  return text.replaceAll('\r\n', '').trim();
}

class Block implements HeaderBlock {
  readonly fields: readonly HeaderField[];

  constructor(fields: readonly HeaderField[]) {
    this.fields = fields;
  }

  get(name: string): string | undefined {
    const wanted = name.toLowerCase();
    const field = this.fields.find((f) => f.name.toLowerCase() === wanted);
    return field && valueOf(field);
  }

  getAll(name: string): readonly string[] {
    const wanted = name.toLowerCase();
    return this.fields.filter((f) => f.name.toLowerCase() === wanted).map(valueOf);
  }

  entries(): readonly (readonly [string, string])[] {
    return this.fields.map((field) => [field.name, valueOf(field)] as const);
  }

  count(name: string): number {
    const wanted = name.toLowerCase();
    let found = 0;
    for (const field of this.fields) {
      if (field.name.length === wanted.length && field.name.toLowerCase() === wanted) found += 1;
    }
    return found;
  }

  apply(edit: HeaderEdit): HeaderBlock {
    const fields = applyEdit(this.fields, edit);
    return fields === this.fields ? this : new Block(fields);
  }

  prepend(name: string, raw: Buffer): HeaderBlock {
    return new Block([{ name, raw }, ...this.fields]);
  }

  filter(keeps: (field: HeaderField) => boolean): HeaderBlock {
    const kept = this.fields.filter(keeps);
    return kept.length === this.fields.length ? this : new Block(kept);
  }

  toBuffer(): Buffer {
    return Buffer.concat([...this.fields.map((field) => field.raw), CRLF]);
  }
}

/**
 * RFC 5322 §2.2 a field name and, by §4.5, white space before the colon. A longer run of characters
 * than a line may have (§2.1.1) is no name.
 */
const FIELD_START = /([\x21-\x39\x3b-\x7e]{1,998})[ \t]*:/y;

/** A field inside the octets of its header; most are never looked at one by one. */
class CutField implements HeaderField {
  readonly name: string;
  readonly octets: Buffer;
  readonly start: number;
  readonly end: number;

  constructor(name: string, octets: Buffer, start: number, end: number) {
    this.name = name;
    this.octets = octets;
    this.start = start;
    this.end = end;
  }

  get raw(): Buffer {
    return this.octets.subarray(this.start, this.end);
  }
}

interface Parsed {
  readonly fields: HeaderField[];
  /** Index of the first octet that belongs to no field. */
  readonly end: number;
}

function parseFields(octets: Buffer): Parsed {
  const fields: HeaderField[] = [];
  let start = 0;
  let name = '';
  let position = 0;
  // One text for all of it: an octet is a character, so that positions are the same in both.
  const text = octets.toString('latin1');
  while (position < octets.length) {
    const lf = text.indexOf('\n', position);
    const next = lf < 0 ? octets.length : lf + 1;
    const first = octets[position];
    const continues = (first === 0x20 || first === 0x09) && name !== '';
    if (!continues) {
      FIELD_START.lastIndex = position;
      const match = FIELD_START.exec(text);
      if (!match?.[1]) break;
      if (name !== '') fields.push(new CutField(name, octets, start, position));
      name = match[1];
      start = position;
    }
    position = next;
  }
  if (name !== '') fields.push(new CutField(name, octets, start, position));
  return { fields, end: position };
}

export interface ParsedHeader {
  readonly header: HeaderBlock;
  /** What follows the fields without a blank line between: the body begins there. */
  readonly body: Buffer;
}

/**
 * Cuts octets with CRLF line ends into fields. Where a line is neither a field nor the
 * continuation of one, the header is over and the rest is body, as a message that begins without
 * any header is all body. The last field gets a CRLF if the message ended without one.
 */
export function parseHeader(octets: Buffer): ParsedHeader {
  const { fields, end } = parseFields(octets);
  const body = octets.subarray(end);
  const last = fields.at(-1);
  if (last && body.length === 0 && last.raw.at(-1) !== LF) {
    fields[fields.length - 1] = { name: last.name, raw: Buffer.concat([last.raw, CRLF]) };
  }
  return { header: new Block(fields), body };
}

export function emptyHeader(): HeaderBlock {
  return new Block([]);
}
