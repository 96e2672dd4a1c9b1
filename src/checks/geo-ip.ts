/**
 * Where is the client, whose network is it, and do the lists ban its country?
 *
 * A country on the banned list is banned, whatever else is said. When the list of allowed
 * countries is not empty, every other country is banned, an unknown one included. Without a
 * database, or where it is damaged, nothing is known and nothing is banned: a broken file must not
 * refuse mail. The number of the autonomous system comes from a database of its own and bans
 * nobody. Always resolves.
 *
 * Callers: hooks/methods. Implements no RFC; codes are those of ISO 3166-1.
 */
import { type CheckOutcome, printable } from './outcome.js';

export interface GeoRecord {
  /** ISO 3166-1 alpha-2, upper case. */
  readonly country: string;
  /** Two letters, upper case, such as `EU`; empty when the database does not say. */
  readonly continent: string;
  /** The network that the record covers, as a prefix length of the address family. */
  readonly prefixLength: number;
}

export interface AsnRecord {
  /** Number of the autonomous system, 1 to 4294967295. */
  readonly asn: number;
  /** Who runs it; empty when the database does not say. */
  readonly organization: string;
  readonly prefixLength: number;
}

/** The database is damaged where the answer should be. */
export interface GeoDamage {
  readonly damage: string;
}

/** The GeoReader port: one address, one record. Never throws; `undefined` when nothing is known. */
export interface GeoReader {
  lookup(ip: string): GeoRecord | GeoDamage | undefined;
}

/** The same for autonomous systems. */
export interface AsnReader {
  lookup(ip: string): AsnRecord | GeoDamage | undefined;
}

/** About the country. `unavailable`: there is no database; `damaged`: it cannot be read there. */
export type GeoIpStatus = 'found' | 'unknown' | 'unavailable' | 'damaged';

export interface GeoIpOutcome extends CheckOutcome<GeoIpStatus> {
  /** Empty unless found. */
  readonly country: string;
  readonly continent: string;
  /** 0 when unknown. */
  readonly asn: number;
  readonly asnOrganization: string;
  readonly banned: boolean;
}

export interface GeoIpArgs {
  readonly ip: string;
  /** Country codes separated by spaces or commas, in any letter case; empty allows all. */
  readonly allowedCountries?: string;
  readonly bannedCountries?: string;
}

export interface GeoIpDeps {
  readonly reader: GeoReader | undefined;
  readonly asnReader?: AsnReader | undefined;
}

interface Place {
  readonly status: GeoIpStatus;
  readonly country: string;
  readonly continent: string;
  readonly evidence: string;
}

function placeOf(reader: GeoReader | undefined, ip: string): Place {
  const nowhere = { country: '', continent: '' };
  if (!reader) return { status: 'unavailable', ...nowhere, evidence: 'there is no GeoIP database' };
  const found = reader.lookup(ip);
  if (found === undefined) return { status: 'unknown', ...nowhere, evidence: 'unknown' };
  if ('damage' in found) {
    return {
      status: 'damaged',
      ...nowhere,
      evidence: `the GeoIP database is damaged: ${printable(found.damage)}`,
    };
  }
  const { country, continent, prefixLength } = found;
  return { status: 'found', country, continent, evidence: `${country} (/${prefixLength})` };
}

function systemOf(
  reader: AsnReader | undefined,
  ip: string,
): Pick<GeoIpOutcome, 'asn' | 'asnOrganization' | 'evidence'> {
  const found = reader?.lookup(ip);
  if (found === undefined) return { asn: 0, asnOrganization: '', evidence: [] };
  if ('damage' in found) {
    const evidence = [`the ASN database is damaged: ${printable(found.damage)}`];
    return { asn: 0, asnOrganization: '', evidence };
  }
  const { asn, organization, prefixLength } = found;
  const evidence = [`AS${asn} ${organization} (/${prefixLength})`];
  return { asn, asnOrganization: organization, evidence };
}

export async function checkGeoIp(deps: GeoIpDeps, args: GeoIpArgs): Promise<GeoIpOutcome> {
  const { status, country, continent, evidence } = placeOf(deps.reader, args.ip);
  const { asn, asnOrganization, evidence: aboutAsn } = systemOf(deps.asnReader, args.ip);
  const isKnown = status === 'found' || status === 'unknown';
  const reason = isKnown ? banReason(country, args) : '';
  const ip = printable(args.ip, 60);
  return {
    status,
    country,
    continent,
    asn,
    asnOrganization,
    banned: reason !== '',
    explanation: isKnown ? reason : evidence,
    evidence: [evidence, ...aboutAsn].map((line) => `${ip}: ${line}`),
  };
}

/** Why the country is banned; empty when it is not. */
function banReason(country: string, args: GeoIpArgs): string {
  if (country !== '' && countryCodes(args.bannedCountries).has(country)) return `${country} is banned`;
  const allowed = countryCodes(args.allowedCountries);
  if (allowed.size === 0 || allowed.has(country)) return '';
  return country === '' ? 'the country is unknown' : `${country} is not allowed`;
}

/** The entries of a list such as `us, CA mx`. */
function entriesOf(list: string | undefined): readonly string[] {
  return (list ?? '').split(/[\s,;]+/).filter((entry) => entry !== '');
}

function countryCodes(list: string | undefined): ReadonlySet<string> {
  return new Set(entriesOf(list).map((code) => code.toUpperCase()));
}

/** What is wrong with a list of country codes; empty when nothing is. A wrong one would ban nobody, or everybody. */
export function countryListFault(list: string): string {
  const entry = entriesOf(list).find((one) => !/^[a-z]{2}$/i.test(one));
  if (entry === undefined) return '';
  const code = codesOfNames().get(entry.toLowerCase());
  const advice = code === undefined ? 'codes have two letters, such as DE' : `write ${code}`;
  return `${printable(entry, 60)} is no country code; ${advice}`;
}

/** Made once, and only where a list is wrong. */
let codesByName: ReadonlyMap<string, string> | undefined;

/** Codes by English names in lower case, for those who write the name. */
function codesOfNames(): ReadonlyMap<string, string> {
  if (codesByName) return codesByName;
  const names = new Intl.DisplayNames(['en'], { type: 'region', fallback: 'none' });
  const letters = [...'ABCDEFGHIJKLMNOPQRSTUVWXYZ'];
  const codes = letters.flatMap((first) => letters.map((second) => first + second));
  codesByName = new Map(codes.map((code) => [(names.of(code) ?? '').toLowerCase(), code]));
  return codesByName;
}
