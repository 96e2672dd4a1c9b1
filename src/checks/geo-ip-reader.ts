/**
 * Opens a MaxMind DB file for looking up addresses.
 *
 * The file is read whole and searched in memory. It is tried before it is handed out, and one that
 * has no record with the field that counts is refused like a damaged one. Where it is damaged all
 * the same, a lookup says so and does not throw, and the first such is told once.
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

const PUT_A_WHOLE_ONE = 'put a whole one in its place';

/** What is wrong with the file as a whole; empty when nothing is. Throws for damage inside. */
function faultOf(octets: Buffer, database: Database, { shape, subject }: Kind<unknown>): string {
  const { ipVersion, nodeCount, searchTreeSize } = database.metadata;
  const known = Number.isSafeInteger(nodeCount) && nodeCount > 0 && (ipVersion === 4 || ipVersion === 6);
  if (!known) return `its description is damaged; ${PUT_A_WHOLE_ONE}`;
  if (searchTreeSize + 16 >= octets.length || !isDataWhole(octets, searchTreeSize + 16)) {
    return `it is cut short; ${PUT_A_WHOLE_ONE}`;
  }
  let hasRecords = false;
  const isOfUse = tryAddresses((ip) => {
    const [record, bits] = read(database, ip);
    hasRecords ||= record !== null;
    return { bits, isOfUse: shape(record, bits) !== undefined };
  }, ipVersion);
  if (isOfUse) return '';
  if (!hasRecords) return `it knows no address; ${PUT_A_WHOLE_ONE}`;
  const { type } = factsOf(database);
  return `none of its records names ${subject}, and it calls itself "${type}"; put a database that does in its place`;
}

/** The octets of a file that may be a database; rejects for any other. */
async function readWhole(path: string): Promise<Buffer> {
  const { size } = await stat(path);
  if (size === 0) throw new Error('it is empty');
  if (size > LARGEST_FILE) throw new Error(`it is larger than ${LARGEST_FILE} octets`);
  const octets = await readFile(path);
  // Compressed files are often downloaded and forgotten to be unpacked.
  if (octets[0] === 0x1f && octets[1] === 0x8b) throw new Error('it is compressed; unpack it first');
  return octets;
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

/** What a database is to be of. */
interface Kind<T> {
  /** Undefined for a record without the field that counts. */
  readonly shape: (record: unknown, prefixLength: number) => T | undefined;
  /** That field in words. */
  readonly subject: string;
}

function fileOf<T>(database: Database, { shape }: Kind<T>, heard: HearDamage): OpenFile<T> {
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

async function open<T>(path: string, kind: Kind<T>, heard: HearDamage): Promise<Opening<OpenFile<T>>> {
  let octets: Buffer;
  try {
    octets = await readWhole(path);
  } catch (error) {
    return { status: 'failed', reason: messageOf(error) };
  }
  try {
    const database: Database = new Reader<never>(octets, { cache: createRecordCache() });
    const reason = faultOf(octets, database, kind);
    return reason === ''
      ? { status: 'opened', file: fileOf(database, kind, heard) }
      : { status: 'failed', reason };
  } catch (error) {
    // The library speaks of types and offsets, which tell an operator nothing.
    const said = printable(messageOf(error), 100);
    return { status: 'failed', reason: `it is damaged or no MMDB file (${said}); ${PUT_A_WHOLE_ONE}` };
  }
}

const nobody: HearDamage = () => undefined;
const COUNTRY: Kind<GeoRecord> = { shape: geoRecordOf, subject: 'a country' };
const SYSTEM: Kind<AsnRecord> = { shape: asnRecordOf, subject: 'an autonomous system' };

export function openGeoFile(path: string, heard: HearDamage = nobody): Promise<Opening<GeoFile>> {
  return open(path, COUNTRY, heard);
}

export function openAsnFile(path: string, heard: HearDamage = nobody): Promise<Opening<AsnFile>> {
  return open(path, SYSTEM, heard);
}
