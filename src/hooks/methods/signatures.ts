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
}

export interface SpfAnswer {
  readonly SPFResult: 'None' | 'Neutral' | 'Pass' | 'Fail' | 'SoftFail' | 'TempError' | 'PermError';
  readonly SPFExplanation: string;
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
}

export interface GeoIpArguments {
  readonly AllowedCountries?: string;
  readonly BannedCountries?: string;
  readonly ActionGeoIPBan?: 'Reject' | 'Accept' | 'TmpReject';
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
  checkGeoIp(lists?: GeoIpArguments): Promise<GeoIpAnswer>;
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
