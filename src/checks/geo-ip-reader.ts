/**
 * Countries from a MaxMind DB file, with a reload that cannot break anything.
 *
 * The file is read whole and searched in memory. A reload reads the new file, tries it, and only
 * then lets it replace the old one; a missing, cut or foreign file leaves the old database in
 * force. Field names differ between publishers and are evened out here.
 *
 * Callers: app, which decides when to reload and tells the operator what came of it. Format:
 * MaxMind DB 2.0. Nothing here throws; the outcomes say what happened.
 */
import { readFile, stat } from 'node:fs/promises';
import { Reader } from 'maxmind';
import { messageOf } from '../core/errors.js';
import { formatIpAddress, parseIpAddress } from '../dns/ip-address.js';
import type { GeoReader, GeoRecord } from './geo-ip.js';

export interface ReloadableGeoReader extends GeoReader {
  /**
   * Looks whether the file has changed and takes it over if it is sound.
   * `kept`: it is not, and the old database goes on.
   */
  reload(): Promise<GeoReload>;
  /** When the database in use was made, milliseconds since 1970. */
  readonly builtAt: number;
}

export type GeoReload =
  | { readonly status: 'reloaded' }
  | { readonly status: 'unchanged' }
  | { readonly status: 'kept'; readonly reason: string };

export type GeoOpening =
  | { readonly status: 'opened'; readonly reader: ReloadableGeoReader }
  | { readonly status: 'failed'; readonly reason: string };

/** Larger than any published database of countries or cities. */
const LARGEST_FILE = 1024 * 1024 * 1024;
/** Addresses all over the tree; a sound database finds or misses each without an error. */
const TRIALS = ['1.1.1.1', '8.8.8.8', '77.0.0.1', '130.0.0.1', '203.0.113.1', '2001:4860::1', '2a00::1'];

/** A database as it was when read; `mark` tells a changed file. */
interface Loaded {
  readonly database: Database;
  readonly mark: string;
}
/** The library types the records by publisher; they come from a file and are checked field by field. */
type Database = Pick<Reader<never>, 'metadata'> & {
  getWithPrefixLength(ip: string): [unknown, number];
};

export async function openGeoReader(path: string): Promise<GeoOpening> {
  let current: Loaded;
  try {
    current = await load(path);
  } catch (error) {
    return { status: 'failed', reason: messageOf(error) };
  }
  let reloading: Promise<GeoReload> | undefined;
  const reload = async (): Promise<GeoReload> => {
    try {
      if ((await markOf(path)) === current.mark) return { status: 'unchanged' };
      current = await load(path);
      return { status: 'reloaded' };
    } catch (error) {
      return { status: 'kept', reason: messageOf(error) };
    }
  };
  const reader: ReloadableGeoReader = {
    lookup: (ip) => find(current.database, ip),
    reload() {
      // One at a time: two readings of a file of some hundred megabytes help nobody.
      reloading ??= reload().finally(() => {
        reloading = undefined;
      });
      return reloading;
    },
    get builtAt() {
      return current.database.metadata.buildEpoch.getTime();
    },
  };
  return { status: 'opened', reader };
}

async function markOf(path: string): Promise<string> {
  const { ino, size, mtimeMs } = await stat(path);
  if (size > LARGEST_FILE) throw new Error(`${path} is larger than ${LARGEST_FILE} octets`);
  return `${ino} ${size} ${mtimeMs}`;
}

async function load(path: string): Promise<Loaded> {
  // The mark is taken first: a file that changes while it is read is read again at the next reload.
  const mark = await markOf(path);
  const octets = await readFile(path);
  const database: Database = new Reader<never>(octets);
  if (!(database.metadata.searchTreeSize < octets.length)) throw new Error(`${path} is cut short`);
  for (const ip of TRIALS) {
    if (ip.includes(':') && database.metadata.ipVersion === 4) continue;
    database.getWithPrefixLength(ip);
  }
  return { database, mark };
}

function find(database: Database, ip: string): GeoRecord | undefined {
  const address = parseIpAddress(ip);
  if (!address || (address.family === 6 && database.metadata.ipVersion === 4)) return undefined;
  let found: [unknown, number];
  try {
    found = database.getWithPrefixLength(formatIpAddress(address));
  } catch {
    // A damaged branch of the tree: for this address the database knows nothing, which is what we say.
    return undefined;
  }
  const [record, prefixLength] = found;
  const country = countryOf(record);
  return country === '' ? undefined : { country, continent: continentOf(record), prefixLength };
}

/** MaxMind: `country.iso_code`, else where the network is registered; DB-IP and others: `country_code`. */
function countryOf(record: unknown): string {
  return (
    codeAt(record, 'country', 'iso_code') ||
    codeAt(record, 'registered_country', 'iso_code') ||
    codeAt(record, 'country_code') ||
    codeAt(record, 'country')
  );
}

function continentOf(record: unknown): string {
  return (
    codeAt(record, 'continent', 'code') || codeAt(record, 'continent_code') || codeAt(record, 'continent')
  );
}

/** The two-letter code at a path of keys, in upper case; empty when there is none. */
function codeAt(record: unknown, ...keys: readonly string[]): string {
  let value: unknown = record;
  for (const key of keys) {
    if (typeof value !== 'object' || value === null) return '';
    value = (value as Readonly<Record<string, unknown>>)[key];
  }
  return typeof value === 'string' && /^[A-Za-z]{2}$/.test(value) ? value.toUpperCase() : '';
}
