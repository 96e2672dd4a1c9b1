/**
 * What of a header is shown to the library that reads signatures, and in which form.
 *
 * The library looks at a field before it knows whether it is worth it, and some of its looks cost
 * the square of a length: white space inside a tag, names in other scripts, mailboxes in groups. So
 * it sees the fields of signatures and no others, with long runs of white space made short,
 * and one line in place of a field that is longer than any honest one. The octets that are signed
 * stay with the caller. Pure, and linear in the header.
 *
 * Callers: verifier.ts. RFC 6376 §6.1 and RFC 8617 §4.2.1 leave such bounds to the verifier.
 */
import type { HeaderLine, ParsedHeaders } from 'mailauth/lib/dkim/dkim-verifier.js';

/** Signatures of one message that are looked at, the uppermost first. */
const MOST_SIGNATURES = 10;
/** Octets of one signature, and of those of a message together; usual ones have about 1,000. */
const LONGEST_SIGNATURE = 16_384;
const LONGEST_SIGNATURES = 32_768;
/** Octets of one field of a chain, and of the chain: 50 sets as they are usual have about 100,000. */
const LONGEST_ARC_FIELD = 16_384;
const LONGEST_CHAIN = 131_072;

const ARC: ReadonlySet<string> = new Set(['arc-seal', 'arc-message-signature', 'arc-authentication-results']);

/** Whether fields of this name, in lower case, are ever shown. */
export function isShown(name: string): boolean {
  return name === 'dkim-signature' || ARC.has(name);
}

/** White space and folds; both canonical forms that are made of the short form read alike. */
const LONG_SPACE = /(?:[ \t]|\r?\n){16,}/g;

export interface ShownHeader {
  readonly headers: ParsedHeaders;
  /** The octets as they came, of fields that are shown in a shorter form. */
  readonly original: ReadonlyMap<Buffer, Buffer>;
  /** Why a signature is not looked at, by the line that stands for it. */
  readonly refused: ReadonlyMap<Buffer, string>;
  /** Why the chain is not looked at; empty when it is, or when there is none. */
  readonly chainFault: string;
}

const NOTHING = Buffer.alloc(0);

class Showing {
  readonly original = new Map<Buffer, Buffer>();
  readonly refused = new Map<Buffer, string>();

  /** The field with its long runs of white space cut to one space. */
  short(field: HeaderLine): HeaderLine {
    const text = field.line.toString('latin1');
    const shortened = text.replace(LONG_SPACE, ' ');
    if (shortened.length === text.length) return field;
    const line = Buffer.from(shortened, 'latin1');
    this.original.set(line, field.line);
    return { ...field, line };
  }

  /** A signature without tags in place of the field. */
  refuse(field: HeaderLine, why: string): HeaderLine {
    const line = Buffer.from('DKIM-Signature:');
    this.refused.set(line, why);
    return { ...field, line };
  }

  signatures(fields: readonly HeaderLine[]): HeaderLine[] {
    let octets = 0;
    // One more than are looked at stands for all the others.
    return fields.slice(0, MOST_SIGNATURES + 1).map((field, at) => {
      const { length } = field.line;
      if (at === MOST_SIGNATURES) return this.refuse(field, 'too many signatures');
      if (length > LONGEST_SIGNATURE) return this.refuse(field, 'signature too long');
      octets += length;
      return octets > LONGEST_SIGNATURES ? this.refuse(field, 'signatures too long') : this.short(field);
    });
  }
}

function lengthOf(fields: readonly HeaderLine[]): number {
  return fields.reduce((sum, { line }) => sum + line.length, 0);
}

function chainFaultOf(fields: readonly HeaderLine[]): string {
  if (fields.some(({ line }) => line.length > LONGEST_ARC_FIELD)) return 'a field of the chain is too long';
  return lengthOf(fields) > LONGEST_CHAIN ? 'the chain is too long' : '';
}

export function shownHeader({ parsed }: ParsedHeaders): ShownHeader {
  const showing = new Showing();
  const signatures = parsed.filter(({ key }) => key === 'dkim-signature');
  const chain = parsed.filter(({ key }) => ARC.has(key));
  const chainFault = chainFaultOf(chain);
  const shown = [
    ...showing.signatures(signatures),
    ...(chainFault === '' ? chain.map((field) => showing.short(field)) : []),
  ];
  return {
    headers: { parsed: shown, original: NOTHING },
    original: showing.original,
    refused: showing.refused,
    chainFault,
  };
}
