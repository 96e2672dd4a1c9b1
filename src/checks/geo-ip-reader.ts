/**
 * Opens a MaxMind DB file for looking up addresses.
 *
 * The file is read whole and searched in memory. It is tried before it is handed out; where it is
 * damaged all the same, a lookup says so and does not throw, and the first such is told once.
 *
 * Callers: app, which decides when to open a file again; cli. Format: MaxMind DB 2.0 with the field
 * names of geo-ip-records.
 */
import { readFile, stat } from 'node:fs/promises';
import { Reader } from 'maxmind';
import { messageOf } from '../core/errors.js';
import { formatIpAddress, parseIpAddress } from '../dns/ip-address.js';
import type { AsnReader, AsnRecord, GeoDamage, GeoReader, GeoRecord } from './geo-ip.js';
import { isDataWhole } from './geo-ip-data.js';
import { asnRecordOf, geoRecordOf } from './geo-ip-records.js';
import { tryAddresses } from './geo-ip-trial.js';
import { printable } from './outcome.js';

/** What the file says about itself. */
export interface GeoFileFacts {
  /** Such as `GeoLite2-Country`. */
  readonly type: string;
  /** When it was made, milliseconds since 1970. */
  readonly builtAt: number;
  readonly ipVersion: 4 | 6;
}

interface OpenFile<T> {
  readonly about: GeoFileFacts;
  lookup(ip: string): T | GeoDamage | undefined;
  /** The whole record as the publisher wrote it; undefined when there is none or it is damaged. */
  record(ip: string): unknown;
}

export type GeoFile = OpenFile<GeoRecord> & GeoReader;
export type AsnFile = OpenFile<AsnRecord> & AsnReader;

export type Opening<F> =
  | { readonly status: 'opened'; readonly file: F }
  | { readonly status: 'failed'; readonly reason: string };

/** Hears of the first lookup that met damage. */
export type HearDamage = (reason: string) => void;

/** Larger than any published database of countries or cities. */
const LARGEST_FILE = 1024 * 1024 * 1024;
/** Decoded records and parts of them. A database of countries has some hundreds. */
const CACHED_RECORDS = 10_000;

/** The library types the records by publisher; they come from a file and are checked field by field. */
interface Database {
  readonly metadata: Reader<never>['metadata'];
  getWithPrefixLength(ip: string): [unknown, number];
}

/** Keeps what was decoded, by its place in the file; begins anew when it is full. */
function createRecordCache() {
  const kept = new Map<string | number, unknown>();
  return {
    get: (place: string | number): never => kept.get(place) as never,
    set: (place: string | number, record: unknown): void => {
      if (kept.size >= CACHED_RECORDS) kept.clear();
      kept.set(place, record);
    },
  };
}

function checkWhole(octets: Buffer, { metadata }: Database): void {
  const { ipVersion, nodeCount, searchTreeSize } = metadata;
  const known = Number.isSafeInteger(nodeCount) && nodeCount > 0 && (ipVersion === 4 || ipVersion === 6);
  if (!known) throw new Error('its description is damaged');
  if (searchTreeSize + 16 >= octets.length || !isDataWhole(octets, searchTreeSize + 16)) {
    throw new Error('it is cut short');
  }
}

async function load(path: string): Promise<Database> {
  const { size } = await stat(path);
  if (size === 0) throw new Error('it is empty');
  if (size > LARGEST_FILE) throw new Error(`it is larger than ${LARGEST_FILE} octets`);
  const octets = await readFile(path);
  // Compressed files are often downloaded and forgotten to be unpacked.
  if (octets[0] === 0x1f && octets[1] === 0x8b) throw new Error('it is compressed; unpack it first');
  const database: Database = new Reader<never>(octets, { cache: createRecordCache() });
  checkWhole(octets, database);
  tryAddresses((ip) => read(database, ip)[1], database.metadata.ipVersion === 4 ? 4 : 6);
  return database;
}

/** Throws for damage; what is no set of fields is damage too. */
function read(database: Database, ip: string): [unknown, number] {
  const [record, prefixLength] = database.getWithPrefixLength(ip);
  if (record !== null && (typeof record !== 'object' || Array.isArray(record))) {
    throw new Error(`what it has about ${ip} is no record`);
  }
  return [record, prefixLength];
}

/** The database's own spelling; undefined for an address that it cannot have. */
function askable(database: Database, ip: string): string | undefined {
  const address = parseIpAddress(ip);
  if (!address || (address.family === 6 && database.metadata.ipVersion === 4)) return undefined;
  return formatIpAddress(address);
}

function factsOf({ metadata }: Database): GeoFileFacts {
  return {
    type: printable(String(metadata.databaseType), 100),
    builtAt: metadata.buildEpoch.getTime(),
    ipVersion: metadata.ipVersion === 4 ? 4 : 6,
  };
}

type Shape<T> = (record: unknown, prefixLength: number) => T | undefined;

function fileOf<T>(database: Database, shape: Shape<T>, heard: HearDamage): OpenFile<T> {
  let told = false;
  const damaged = (error: unknown): GeoDamage => {
    const damage = messageOf(error);
    if (!told) heard(damage);
    told = true;
    return { damage };
  };
  return {
    about: factsOf(database),
    lookup(ip) {
      const asked = askable(database, ip);
      if (asked === undefined) return undefined;
      try {
        const [record, prefixLength] = read(database, asked);
        return shape(record, prefixLength);
      } catch (error) {
        return damaged(error);
      }
    },
    record(ip) {
      const asked = askable(database, ip);
      if (asked === undefined) return undefined;
      try {
        return read(database, asked)[0] ?? undefined;
      } catch (error) {
        damaged(error);
        return undefined;
      }
    },
  };
}

async function open<T>(path: string, shape: Shape<T>, heard: HearDamage): Promise<Opening<OpenFile<T>>> {
  try {
    return { status: 'opened', file: fileOf(await load(path), shape, heard) };
  } catch (error) {
    return { status: 'failed', reason: messageOf(error) };
  }
}

const nobody: HearDamage = () => undefined;

export function openGeoFile(path: string, heard: HearDamage = nobody): Promise<Opening<GeoFile>> {
  return open(path, geoRecordOf, heard);
}

export function openAsnFile(path: string, heard: HearDamage = nobody): Promise<Opening<AsnFile>> {
  return open(path, asnRecordOf, heard);
}
