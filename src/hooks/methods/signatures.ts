/**
 * Signatures of the documented methods, as policy authors call them.
 *
 * Names and variables are the documented ones. Every input may be given by argument or by its
 * variable (`ctx.checkDNSBL('zone')` is `ctx.DNSBLServer = 'zone'` and `ctx.checkDNSBL()`), and
 * every output comes back both ways: in the returned object and in the variables. The checks
 * resolve for whatever the network does; they reject only for misuse.
 *
 * Callers: hooks/types. `methods/index.ts` binds each name to its implementation.
 */
import type { VARIABLES } from '../table/variables.js';

/** Answer of one list about the client. */
export interface DnsblAnswer {
  /** Address the list returned; empty when the client is not listed. */
  readonly DNSBLResult: string;
  /** The list's text (TXT record), its code, or why there was no usable answer. */
  readonly DNSBLExplanation: string;
  /** `listError`: the list answered something that is no listing; `tempError`: it did not answer. */
  readonly status: 'listed' | 'notListed' | 'listError' | 'tempError';
  /** The zone that was asked; for several zones the one that decided. */
  readonly zone: string;
  /** All codes of that zone, lowest first; empty when the client is not listed there. */
  readonly codes: readonly string[];
  /** Every zone that was asked, in your order. */
  readonly lists: readonly DnsblList[];
}

/** What one of several lists said; the fields mean what they mean in the answer as a whole. */
export interface DnsblList {
  readonly zone: string;
  readonly status: DnsblAnswer['status'];
  readonly codes: readonly string[];
  readonly explanation: string;
}

export interface SpfAnswer {
  readonly SPFResult: 'None' | 'Neutral' | 'Pass' | 'Fail' | 'SoftFail' | 'TempError' | 'PermError';
  readonly SPFExplanation: string;
  /** What was checked: the EHLO name, also for a null sender, or the sender. */
  readonly identity: 'helo' | 'mailFrom';
  /** The domain whose record decided, in A-labels. */
  readonly domain: string;
}

export interface ReverseDnsAnswer {
  readonly ReverseDNSResult: 'pass' | 'fail' | 'neutral' | 'error';
  /** The confirmed name; empty unless the result is `pass`. */
  readonly name: string;
}

export interface SenderMxAnswer {
  readonly SenderMXCheckResult: 'Pass' | 'Fail' | 'Neutral' | 'Error';
  readonly explanation: string;
}

export interface GeoIpAnswer {
  /** Two-letter country code; empty when unknown. */
  readonly GeoIPResult: string;
  readonly IsGeoIPBanned: 'yes' | 'no';
  /** `unavailable`: there is no database; `damaged`: it cannot be read there. Neither bans anybody. */
  readonly status: 'found' | 'unknown' | 'unavailable' | 'damaged';
  /** Number of the autonomous system, from the database of `geoip.asn`; 0 when unknown. */
  readonly asn: number;
  /** Who runs it; empty when unknown. */
  readonly asnOrganization: string;
}

export interface GeoIpArguments {
  readonly AllowedCountries?: string;
  readonly BannedCountries?: string;
  readonly ActionGeoIPBan?: 'Reject' | 'Accept' | 'TmpReject';
}

export interface DkimSignatureAnswer {
  /**
   * `Fail`: it does not fit the message. `PermError`: its key is missing or unusable. `Policy`: its
   * key or algorithm is too weak to count. `Neutral`: it is malformed, or has expired.
   */
  readonly status: 'Pass' | 'Fail' | 'Neutral' | 'Policy' | 'TempError' | 'PermError' | 'None';
  /** Who vouches (`d=`), in lower case. */
  readonly domain: string;
  readonly selector: string;
  /** On whose behalf (`i=`); the domain behind an at sign when it does not say. */
  readonly identity: string;
  /** Such as `rsa-sha256`. */
  readonly algorithm: string;
  /** The domain only tries DKIM: the result is not to be held against anybody. */
  readonly testing: boolean;
  /** Octets at the end of the body that anybody may have added (`l=`); 0 for a whole signature. */
  readonly uncovered: number;
  readonly explanation: string;
}

export interface DkimAnswer {
  /** `Pass` when one signature passes; `None` for a message without signatures. */
  readonly DKIMResult: DkimSignatureAnswer['status'];
  readonly explanation: string;
  /** Each signature, the topmost first; the first ten are looked at. */
  readonly signatures: readonly DkimSignatureAnswer[];
}

export interface DmarcAnswer {
  /**
   * `None`: the domain publishes no policy. `PermError`: From does not name one domain in the same
   * way for every reader. The sender chooses that, to have no policy apply: refuse it rather than
   * let it pass.
   */
  readonly DMARCResult: 'None' | 'Pass' | 'Fail' | 'TempError' | 'PermError';
  /** What the domain asks for when the message fails; empty without a policy. */
  readonly policy: '' | 'none' | 'quarantine' | 'reject';
  /** Domain of the From field. */
  readonly domain: string;
  /** Where the policy was found: the domain or one above it. */
  readonly policyDomain: string;
  /**
   * Domains that passed and belong to the author. Empty where none did; and also where the other one
   * has decided already and it would take more questions to see whether this one, which is not the
   * author's own, belongs to the author.
   */
  readonly alignedSpf: string;
  readonly alignedDkim: string;
  readonly explanation: string;
}

export interface ArcAnswer {
  /** `Pass` says who passed the message on, not that they are to be believed. */
  readonly ARCResult: 'None' | 'Pass' | 'Fail' | 'TempError';
  readonly explanation: string;
  /** Domains that sealed the message, the first one first. */
  readonly sealers: readonly string[];
}

/** A text such as `5m` or `36d`, or a number of seconds. */
export type Duration = string | number;

export interface GreylistOptions {
  /** How long a new triplet waits. Default `5m`, at most `1d`. */
  readonly delay?: Duration;
  /** How long after the first attempt a later one still counts. Default `1d`, `1m` to `31d` and more than `delay`. */
  readonly retryWindow?: Duration;
  /** How long a triplet or network stays good after its last use. Default `36d`, `1m` to `366d`. */
  readonly lifetime?: Duration;
  /** So many bits of an IPv4 address name its network. Default 24, 8 to 32. */
  readonly ipv4Prefix?: number;
  /** So many bits of an IPv6 address name its network. Default 64, 16 to 128. */
  readonly ipv6Prefix?: number;
  /** After so many triplets that passed, their network passes at once. Default 5; 0 for never. */
  readonly whitelistAfter?: number;
}

export interface GreylistAnswer {
  /**
   * `new`: the first attempt; `early`: a later one, before the delay was over; `passed`: it came
   * again; `whitelisted`: its network has come again often enough; `tempError`: nobody knows.
   */
  readonly status: 'new' | 'early' | 'passed' | 'whitelisted' | 'tempError';
  /** Whole seconds until an attempt passes; 0 where it passes now, and for `tempError`. */
  readonly waitSeconds: number;
  /** When the triplet was first seen, milliseconds since 1970; absent where that is not known. */
  readonly firstSeen?: number;
  /** For `new` and `early` a text for the client; for `tempError` the reason. */
  readonly explanation: string;
}

export interface RateOptions {
  /** How much the call counts, all of it or nothing: 1 to 1,000,000,000. Default 1. */
  readonly cost?: number;
}

export interface RateAnswer {
  /** `false`: it would be more than the limit, and was not counted. `true` also for `tempError`. */
  readonly allowed: boolean;
  /** What is counted in the window now. */
  readonly count: number;
  /** What may still be counted. */
  readonly remaining: number;
  /** Whole seconds: until something leaves the window, or for a refused call until it would be allowed. */
  readonly resetSeconds: number;
  /** `tempError`: the counter could not be asked, and nothing was counted. */
  readonly status: 'ok' | 'tempError';
  /** For a refused call a text for the client; for `tempError` the reason. */
  readonly explanation: string;
}

export interface SignDkimArguments {
  /** Whose keys sign: a domain of `dkim.keys`. Default: the domain of the From field, or the nearest above it. */
  readonly domain?: string;
  /** One key of the domain. Default: all of them, each with a signature of its own. */
  readonly selector?: string;
}

export interface SignDkimAnswer {
  /**
   * `signed`: it will be, when it is stored. `noKey`: there is no such key. `notPossible`: there is not
   * exactly one From field, or it does not say for which domain to sign.
   */
  readonly status: 'signed' | 'noKey' | 'notPossible';
  /** Whose keys sign (`d=`); for `noKey` the domain that has none. */
  readonly domain: string;
  /** The keys (`s=`), in the order of `dkim.keys`. */
  readonly selectors: readonly string[];
  /** The reason where it will not be signed. */
  readonly explanation: string;
}

export interface FilterArguments {
  readonly type: 'milter' | 'spamd' | 'clamd' | 'rspamd' | 'http';
  readonly address: string;
}

export interface AddFilterAnswer {
  readonly addFilterResult: (typeof VARIABLES)['addFilterResult']['values'][number];
  readonly addFilterExplanation: string;
}

export interface MethodSignatures {
  checkDNSBL(zone?: string | readonly string[]): Promise<DnsblAnswer>;
  checkSPF(): Promise<SpfAnswer>;
  checkReverseDNS(): Promise<ReverseDnsAnswer>;
  checkSenderMX(): Promise<SenderMxAnswer>;
  checkDKIM(): Promise<DkimAnswer>;
  checkDMARC(): Promise<DmarcAnswer>;
  checkARC(): Promise<ArcAnswer>;
  checkGeoIp(lists?: GeoIpArguments): Promise<GeoIpAnswer>;
  checkGreylist(options?: GreylistOptions): Promise<GreylistAnswer>;
  checkRate(key: string, limit: number, window: Duration, options?: RateOptions): Promise<RateAnswer>;
  signDKIM(wish?: SignDkimArguments): SignDkimAnswer;
  addFilter(name?: string, filter?: FilterArguments): Promise<AddFilterAnswer>;
  /** Names of the filters that ran. */
  executeFilters(pattern?: string): Promise<readonly string[]>;
  addHeader(headerName: string, headerValue: string): void;
  addIfNotExistsHeader(headerName: string, headerValue: string): void;
  removeFirstHeader(headerName: string): void;
  removeHeader(headerName: string): void;
  modifyHeader(headerName: string, headerValue: string): void;
  modifyIfExistsHeader(headerName: string, headerValue: string): void;
  addRcpt(rcptAddress: string): void;
  discardRcpt(rcptAddress: string): void;
}
