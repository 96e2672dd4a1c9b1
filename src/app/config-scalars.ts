/**
 * Reads one value of one kind: from what was written to what the program holds.
 *
 * The answer is the value or the reason why it is none, as the end of a sentence that begins with
 * the setting's name. Text is never taken for a number or a truth value, unless it comes from
 * where only text exists (`loose`).
 *
 * Callers: config-resolve. Nothing here throws.
 */
import { isIP } from 'node:net';
import { resolve } from 'node:path';
import { domainToASCII } from 'node:url';
import ipaddr from 'ipaddr.js';
import { parseDuration, parseSize } from '../core/units.js';
import { parseDestination } from '../delivery/next-hop.js';
import { parseDnsServer } from '../dns/server-address.js';
import type {
  ChoiceSpec,
  IntegerSpec,
  PathSpec,
  QuantitySpec,
  ScalarSpec,
  StringSpec,
} from './config-spec.js';

export type Reading =
  | { readonly ok: true; readonly value: string | number | boolean }
  | { readonly ok: false; readonly reason: string };

export interface ReadOptions {
  readonly loose: boolean;
  /** Absolute folder from which relative paths count. */
  readonly folder: string;
}

const LONGEST_SHOWN = 60;

const good = (value: string | number | boolean): Reading => ({ ok: true, value });
const bad = (reason: string): Reading => ({ ok: false, reason });

/** A value for a message: quoted, on one line, cut when long. */
export function shown(value: unknown): string {
  if (value === null) return 'nothing';
  if (typeof value === 'number' || typeof value === 'boolean' || typeof value === 'bigint')
    return String(value);
  if (typeof value !== 'string') return `a value of type ${typeof value}`;
  return JSON.stringify(value.length > LONGEST_SHOWN ? `${value.slice(0, LONGEST_SHOWN)}...` : value);
}

const expected = (what: string, value: unknown): Reading => bad(`expected ${what}, got ${shown(value)}`);

const LABEL = /^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/;

/** A DNS host name in small letters and ASCII form, or `undefined`. */
export function readHostname(text: string): string | undefined {
  const ascii = domainToASCII(text);
  if (ascii === '' || ascii.length > 253 || isIP(ascii) !== 0) return undefined;
  return ascii.split('.').every((label) => LABEL.test(label)) ? ascii : undefined;
}

function isNetwork(text: string): boolean {
  return isIP(text) !== 0 || (ipaddr.isValidCIDR(text) && isIP(text.slice(0, text.indexOf('/'))) !== 0);
}

const CONTROL = /\p{Cc}/u;

const NAMES = {
  hostname: 'a host name such as mx.example.com',
  domain: 'a domain such as example.com, or *',
  domainPattern: 'a domain such as example.com, *.example.com for those below it, or *',
} as const;

function readName(kind: keyof typeof NAMES, text: string): Reading {
  if (kind !== 'hostname' && text === '*') return good(text);
  const prefix = kind === 'domainPattern' && text.startsWith('*.') ? '*.' : '';
  const name = readHostname(text.slice(prefix.length));
  return name === undefined ? expected(NAMES[kind], text) : good(`${prefix}${name}`);
}

/** Kept in the form that is the same for the same place. */
function readDestination(text: string): Reading {
  const found = parseDestination(text);
  if (found.status === 'wrong') return bad(found.reason);
  return good(found.status === 'maildir' ? 'maildir' : found.hop.url);
}

function readText(spec: StringSpec, text: string): Reading {
  switch (spec.kind) {
    case 'hostname':
    case 'domain':
    case 'domainPattern':
      return readName(spec.kind, text);
    case 'destination':
      return readDestination(text);
    case 'ip':
      return isIP(text) === 0 ? expected('an IP address such as 127.0.0.1 or ::1', text) : good(text);
    case 'network':
      return isNetwork(text) ? good(text) : expected('an IP address or a network such as 10.0.0.0/8', text);
    case 'server':
      return parseDnsServer(text)
        ? good(text)
        : expected('an IP address, with a port as in 192.0.2.53:53', text);
    case 'string': {
      if (text.length === 0) return spec.optional ? good('') : bad('may not be empty');
      const longest = spec.maxLength ?? 255;
      return text.length > longest
        ? bad(`is ${text.length} characters long; at most ${longest} are allowed`)
        : good(text);
    }
  }
}

function readPath(spec: PathSpec, text: string, folder: string): Reading {
  if (text === '') return spec.optional ? good('') : bad('may not be empty');
  if (text.length > 4096) return bad(`is ${text.length} characters long; at most 4096 are allowed`);
  return good(resolve(folder, text));
}

/** The range of an integer row, with the bounds that its kind implies. */
export function integerRange(spec: IntegerSpec): readonly [number, number] {
  if (spec.kind === 'port') return [spec.min ?? 0, spec.max ?? 65_535];
  return [spec.min ?? Number.MIN_SAFE_INTEGER, spec.max ?? Number.MAX_SAFE_INTEGER];
}

function readInteger(spec: IntegerSpec, given: unknown, loose: boolean): Reading {
  const value = loose && typeof given === 'string' && /^-?\d{1,16}$/.test(given) ? Number(given) : given;
  const [min, max] = integerRange(spec);
  const fits = typeof value === 'number' && Number.isSafeInteger(value) && value >= min && value <= max;
  return fits ? good(value) : expected(`a whole number from ${min} to ${max}`, given);
}

/** Octets or milliseconds of a number or text, by kind. */
export function readQuantity(kind: QuantitySpec['kind'], given: unknown): number | undefined {
  if (typeof given !== 'string' && typeof given !== 'number') return undefined;
  return kind === 'duration' ? parseDuration(String(given)) : parseSize(String(given));
}

function readQuantityIn(spec: QuantitySpec, given: unknown): Reading {
  const value = readQuantity(spec.kind, given);
  const min = readQuantity(spec.kind, spec.min) ?? 0;
  const max = readQuantity(spec.kind, spec.max) ?? Number.MAX_SAFE_INTEGER;
  if (value !== undefined && value >= min && value <= max) return good(value);
  const what = spec.kind === 'duration' ? 'a duration such as 30s or 5m' : 'a size such as 64KB or 10MB';
  return expected(`${what}, from ${spec.min} to ${spec.max}`, given);
}

const TRUTH: ReadonlyMap<string, boolean> = new Map([
  ['true', true],
  ['yes', true],
  ['on', true],
  ['1', true],
  ['false', false],
  ['no', false],
  ['off', false],
  ['0', false],
]);

function readBoolean(given: unknown, loose: boolean): Reading {
  const value = loose && typeof given === 'string' ? TRUTH.get(given.toLowerCase()) : given;
  return typeof value === 'boolean' ? good(value) : expected('true or false', given);
}

function readChoice(spec: ChoiceSpec, given: unknown): Reading {
  const wanted = typeof given === 'string' ? given.toLowerCase() : '';
  const value = spec.values.find((candidate) => candidate.toLowerCase() === wanted);
  return value === undefined ? expected(`one of ${spec.values.join(', ')}`, given) : good(value);
}

function readString(spec: StringSpec | PathSpec, given: unknown, folder: string): Reading {
  if (typeof given === 'number' || typeof given === 'boolean') {
    return bad(`expected text, got ${String(given)}; put it in quotes if that is meant`);
  }
  if (typeof given !== 'string') return expected('text', given);
  if (CONTROL.test(given)) return bad('may not hold control characters');
  return spec.kind === 'path' ? readPath(spec, given, folder) : readText(spec, given);
}

/** Reads `given` as the row wants it. */
export function readScalar(spec: ScalarSpec, given: unknown, options: ReadOptions): Reading {
  if (given === null) return bad('has no value; give one, or remove the line');
  switch (spec.kind) {
    case 'string':
    case 'hostname':
    case 'ip':
    case 'network':
    case 'server':
    case 'domain':
    case 'domainPattern':
    case 'destination':
    case 'path':
      return readString(spec, given, options.folder);
    case 'integer':
    case 'port':
      return readInteger(spec, given, options.loose);
    case 'duration':
    case 'size':
      return readQuantityIn(spec, given);
    case 'boolean':
      return readBoolean(given, options.loose);
    case 'choice':
      return readChoice(spec, given);
  }
}
