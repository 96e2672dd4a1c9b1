/**
 * Checks one administrative setting: from what somebody sent to what is held.
 *
 * The answer is the value, or what is wrong with it as the end of a sentence that begins with the
 * setting's name; of a list, what is wrong with each entry.
 *
 * Callers: app/settings-file. Nothing here throws.
 */
import { isHostName } from '../dns/host-name.js';
import { keepCompiled, type PatternReading, readPattern } from './qregex.js';
import type { ChoiceSpec, GreetingSpec, IntegerSpec, ListSpec, SettingSpec } from './setting-spec.js';

export interface SettingFault {
  readonly reason: string;
  /** Place of the entry in a list, from 0. */
  readonly index?: number;
}

export type SettingReading =
  | { readonly status: 'ok'; readonly value: unknown }
  | { readonly status: 'wrong'; readonly faults: readonly SettingFault[] };

/** A name of DNS has 253 characters at most; the reversed IPv6 address in front takes 64 of them. */
const LONGEST_ZONE = 189;
const LONGEST_SHOWN = 60;

const PRINTABLE = /^[ -~]+$/;
const NUMBER = /^\d+$/;

function good(value: unknown): SettingReading {
  return { status: 'ok', value };
}

function wrong(reason: string): SettingReading {
  return { status: 'wrong', faults: [{ reason }] };
}

function shown(value: unknown): string {
  if (value === null || value === undefined) return 'nothing';
  if (typeof value === 'number' || typeof value === 'boolean') return String(value);
  if (typeof value !== 'string') return Array.isArray(value) ? 'a list' : `a value of type ${typeof value}`;
  return JSON.stringify(value.length > LONGEST_SHOWN ? `${value.slice(0, LONGEST_SHOWN)}...` : value);
}

function readChoice({ values }: ChoiceSpec, given: unknown): SettingReading {
  const value = values.find((candidate) => candidate === given);
  return value === undefined
    ? wrong(`expected one of ${values.join(', ')}, got ${shown(given)}`)
    : good(value);
}

function readInteger({ min, max }: IntegerSpec, given: unknown): SettingReading {
  const fits = typeof given === 'number' && Number.isSafeInteger(given) && given >= min && given <= max;
  return fits ? good(given) : wrong(`expected a whole number from ${min} to ${max}, got ${shown(given)}`);
}

/** Whether a word is the full name of a host: at least two labels, and no address. */
function isFullHostName(word: string): boolean {
  const labels = word.split('.');
  return labels.length > 1 && isHostName(word) && !word.includes('_') && !NUMBER.test(labels.at(-1) ?? '');
}

function readGreeting({ longest }: GreetingSpec, given: unknown): SettingReading {
  if (typeof given !== 'string') return wrong(`expected text, got ${shown(given)}`);
  const text = given.trim();
  if (text === '') return wrong('may not be empty; leave it out for the greeting of Postern');
  if (text.length > longest) return wrong(`is longer than ${longest} characters`);
  if (!PRINTABLE.test(text)) return wrong('may hold printable ASCII characters only');
  const [first = ''] = text.split(' ');
  if (isFullHostName(first)) return good(text);
  return wrong(
    `must begin with the full host name of this server, as in mx.example.com; ${shown(first)} is none`,
  );
}

/** In the spelling in which it is asked. */
function zoneOf(entry: string): string {
  return entry.trim().replace(/\.$/, '').toLowerCase();
}

function zoneFault(entry: string): string | undefined {
  const zone = zoneOf(entry);
  const isAddress = NUMBER.test(zone.split('.').at(-1) ?? '');
  if (zone.length <= LONGEST_ZONE && isHostName(zone) && !isAddress) return undefined;
  return `${shown(entry)} is no name of a DNS zone such as bl.example.net`;
}

function patternFault(line: string, reading: PatternReading): string | undefined {
  if (reading.status !== 'wrong') return undefined;
  const why = `${reading.reason} (character ${reading.at + 1})`;
  return `the pattern ${shown(line)} does not compile: ${why}`;
}

function readList({ kind, most }: ListSpec, given: unknown): SettingReading {
  if (!Array.isArray(given)) return wrong(`expected a list, got ${shown(given)}`);
  const entries: readonly unknown[] = given;
  if (entries.length > most) return wrong(`has ${entries.length} entries; at most ${most} are allowed`);
  const readings: PatternReading[] = [];
  const faultOf = (entry: unknown): string | undefined => {
    if (typeof entry !== 'string') return `expected text, got ${shown(entry)}`;
    if (kind === 'zones') return zoneFault(entry);
    const reading = readPattern(entry);
    readings.push(reading);
    return patternFault(entry, reading);
  };
  const faults = entries.flatMap((entry, index): readonly SettingFault[] => {
    const reason = faultOf(entry);
    return reason === undefined ? [] : [{ index, reason }];
  });
  if (faults.length > 0) return { status: 'wrong', faults };
  const texts = entries as readonly string[];
  if (kind === 'zones') return good(Object.freeze([...new Set(texts.map(zoneOf))]));
  const lines = Object.freeze([...texts]);
  keepCompiled(lines, readings);
  return good(lines);
}

/** Reads `given` as the row wants it. */
export function readSetting(spec: SettingSpec, given: unknown): SettingReading {
  switch (spec.kind) {
    case 'choice':
      return readChoice(spec, given);
    case 'integer':
      return readInteger(spec, given);
    case 'greeting':
      return readGreeting(spec, given);
    case 'patterns':
    case 'zones':
      return readList(spec, given);
  }
}
