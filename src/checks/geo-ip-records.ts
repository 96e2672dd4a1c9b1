/**
 * Records of GeoIP and ASN databases, whoever published them.
 *
 * Field names differ: MaxMind nests them, DB-IP, IPinfo and the rebuilt databases have flat ones.
 * What is read here comes from a file and is checked field by field; a record without the field
 * that counts is no record.
 *
 * Callers: geo-ip-reader, through its two opening functions. Nothing throws.
 */
import type { AsnRecord, GeoRecord } from './geo-ip.js';
import { printable } from './outcome.js';

type Path = readonly string[];

/** MaxMind says where users are, and only where a network is registered when it does not know. */
const COUNTRY: readonly Path[] = [
  ['country', 'iso_code'],
  ['registered_country', 'iso_code'],
  ['country_code'],
  ['country_iso_code'],
  ['country'],
];
const CONTINENT: readonly Path[] = [['continent', 'code'], ['continent_code'], ['continent']];
const NUMBER: readonly Path[] = [
  ['autonomous_system_number'],
  ['traits', 'autonomous_system_number'],
  ['as_number'],
  ['asn'],
];
const ORGANIZATION: readonly Path[] = [
  ['autonomous_system_organization'],
  ['traits', 'autonomous_system_organization'],
  ['as_organization'],
  ['as_name'],
  ['organization'],
  ['name'],
];

/** Numbers of autonomous systems have 32 bits. */
const LARGEST_ASN = 0xffff_ffff;
const LONGEST_ORGANIZATION = 200;

function valueAt(record: unknown, path: Path): unknown {
  let value = record;
  for (const key of path) {
    if (typeof value !== 'object' || value === null) return undefined;
    value = (value as Readonly<Record<string, unknown>>)[key];
  }
  return value;
}

/** What the first path that leads to something usable leads to. */
function first<T>(
  record: unknown,
  paths: readonly Path[],
  read: (value: unknown) => T | undefined,
): T | undefined {
  for (const path of paths) {
    const found = read(valueAt(record, path));
    if (found !== undefined) return found;
  }
  return undefined;
}

/** Two letters, in upper case; `ZZ` is how some say that they do not know. */
function codeOf(value: unknown): string | undefined {
  if (typeof value !== 'string' || !/^[A-Za-z]{2}$/.test(value)) return undefined;
  const code = value.toUpperCase();
  return code === 'ZZ' ? undefined : code;
}

/** A number, or a text such as `AS64496`; 0 stands for no system. */
function asnOf(value: unknown): number | undefined {
  const digits = typeof value === 'string' ? /^(?:AS)?(\d{1,10})$/i.exec(value)?.[1] : value;
  if (typeof digits !== 'string' && typeof digits !== 'number' && typeof digits !== 'bigint')
    return undefined;
  const asn = Number(digits);
  return Number.isInteger(asn) && asn > 0 && asn <= LARGEST_ASN ? asn : undefined;
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? printable(value, LONGEST_ORGANIZATION) : undefined;
}

export function geoRecordOf(record: unknown, prefixLength: number): GeoRecord | undefined {
  const country = first(record, COUNTRY, codeOf);
  if (country === undefined) return undefined;
  return { country, continent: first(record, CONTINENT, codeOf) ?? '', prefixLength };
}

export function asnRecordOf(record: unknown, prefixLength: number): AsnRecord | undefined {
  const asn = first(record, NUMBER, asnOf);
  if (asn === undefined) return undefined;
  return { asn, organization: first(record, ORGANIZATION, textOf) ?? '', prefixLength };
}
