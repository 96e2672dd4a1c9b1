/**
 * Where is the client, and do the lists ban it?
 *
 * A country on the banned list is banned, whatever else is said. When the list of allowed
 * countries is not empty, every other country is banned, an unknown one included. Without a
 * database nothing is known and nothing is banned: a missing file must not refuse mail. Always
 * resolves.
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

/** The GeoReader port: one address, one record. Never throws; `undefined` when nothing is known. */
export interface GeoReader {
  lookup(ip: string): GeoRecord | undefined;
}

/** `unavailable`: there is no database. */
export type GeoIpStatus = 'found' | 'unknown' | 'unavailable';

export interface GeoIpOutcome extends CheckOutcome<GeoIpStatus> {
  /** Empty unless found. */
  readonly country: string;
  readonly continent: string;
  readonly banned: boolean;
}

export interface GeoIpArgs {
  readonly ip: string;
  /** Country codes separated by spaces or commas, in any letter case; empty allows all. */
  readonly allowedCountries?: string;
  readonly bannedCountries?: string;
}

export async function checkGeoIp(
  deps: { readonly reader: GeoReader | undefined },
  args: GeoIpArgs,
): Promise<GeoIpOutcome> {
  if (!deps.reader) {
    const explanation = 'there is no GeoIP database';
    return { status: 'unavailable', country: '', continent: '', banned: false, explanation, evidence: [] };
  }
  const record = deps.reader.lookup(args.ip);
  const country = record?.country ?? '';
  const reason = banReason(country, args);
  const ip = printable(args.ip, 60);
  return {
    status: record ? 'found' : 'unknown',
    country,
    continent: record?.continent ?? '',
    banned: reason !== '',
    explanation: reason,
    evidence: [`${ip}: ${record ? `${country} (/${record.prefixLength})` : 'unknown'}`],
  };
}

/** Why the country is banned; empty when it is not. */
function banReason(country: string, args: GeoIpArgs): string {
  if (country !== '' && countryCodes(args.bannedCountries).has(country)) return `${country} is banned`;
  const allowed = countryCodes(args.allowedCountries);
  if (allowed.size === 0 || allowed.has(country)) return '';
  return country === '' ? 'the country is unknown' : `${country} is not allowed`;
}

/** The codes in a list such as `us, CA mx`. */
function countryCodes(list: string | undefined): ReadonlySet<string> {
  return new Set(
    (list ?? '')
      .toUpperCase()
      .split(/[\s,;]+/)
      .filter((code) => code !== ''),
  );
}
