/**
 * The fifteen documented methods and those that we added: what each reads, uses and fills, and where
 * it is implemented.
 *
 * `inputs` are given as arguments in this order or set as variables beforehand; those in
 * METHOD_ARGUMENTS are arguments only. `*` in `uses` stands for everything known at the event.
 * In which events a method exists is said by the event tables.
 *
 * Callers: the derived context types, the method binders and the generated reference pages.
 */
import type { MethodSpec } from './spec.js';
import type { FilterSlotName, VariableName } from './variables.js';

/** Inputs that exist only as arguments and are no variables. */
export const METHOD_ARGUMENTS = {
  headerName: 'Name of the header field, without the colon; matched in any letter case.',
  headerValue: 'Value of the header field. Line ends are not allowed; long values are folded on output.',
  greylistOptions:
    'Times, network sizes and the number of triplets that make a network good; all have defaults.',
  rateKey: 'Names the counter together with the window; any text that is not empty.',
  rateLimit: 'Most that may be counted within the window, 1 to 1,000,000,000.',
  rateWindow: 'A number of seconds, or a text such as `1h`; from 1 second to 31 days.',
  rateOptions: 'How much the call counts; 1 by default.',
  rcptAddress: 'Mailbox address of the recipient, without angle brackets.',
  signWish: 'Whose keys sign, and which of them; by default all keys for the domain of the From field.',
} as const;

export const METHODS = {
  checkSPF: {
    doc: 'Checks whether the client may send for the domain of the sender, or of its EHLO name, by SPF (RFC 7208).',
    inputs: [],
    uses: ['remoteSmtpIp', 'ehloHost', 'mailFrom'],
    fills: ['SPFResult', 'SPFExplanation'],
    source: 'src/hooks/methods/check-spf.ts',
  },
  checkReverseDNS: {
    doc: 'Looks up the name of the client address and whether that name leads back to the address.',
    inputs: [],
    uses: ['remoteSmtpIp'],
    fills: ['ReverseDNSResult'],
    source: 'src/hooks/methods/check-reverse-dns.ts',
  },
  checkDNSBL: {
    doc: 'Asks a DNS block list about the client address (RFC 5782).',
    inputs: ['DNSBLServer'],
    uses: ['remoteSmtpIp'],
    fills: ['DNSBLResult', 'DNSBLExplanation'],
    source: 'src/hooks/methods/check-dnsbl.ts',
  },
  checkSenderMX: {
    doc: 'Looks up whether the domain of the sender names a host that takes mail.',
    inputs: [],
    uses: ['mailFromDomain'],
    fills: ['SenderMXCheckResult'],
    source: 'src/hooks/methods/check-sender-mx.ts',
  },
  checkDKIM: {
    doc: 'Verifies the DKIM signatures of the message (RFC 6376).',
    inputs: [],
    uses: [],
    fills: [],
    source: 'src/hooks/methods/check-dkim.ts',
  },
  checkDMARC: {
    doc: 'Looks up whether the domain of the author stands behind the message, by SPF or DKIM, and what it asks for otherwise (RFC 9989).',
    inputs: [],
    uses: ['remoteSmtpIp', 'ehloHost', 'mailFrom'],
    fills: [],
    source: 'src/hooks/methods/check-dmarc.ts',
  },
  checkARC: {
    doc: 'Verifies the ARC chain, by which those who pass a message on say what they found (RFC 8617).',
    inputs: [],
    uses: ['remoteSmtpIp'],
    fills: [],
    source: 'src/hooks/methods/check-arc.ts',
  },
  checkGeoIp: {
    doc: 'Finds the country of the client and compares it with the two country lists.',
    inputs: ['AllowedCountries', 'BannedCountries', 'ActionGeoIPBan'],
    uses: ['remoteSmtpIp'],
    fills: ['GeoIPResult', 'IsGeoIPBanned'],
    aliases: ['checkGeoIP'],
    source: 'src/hooks/methods/check-geo-ip.ts',
  },
  checkGreylist: {
    doc: 'Looks up whether the client has tried to send this mail before, and remembers that it has.',
    inputs: ['greylistOptions'],
    uses: ['remoteSmtpIp', 'mailFrom', 'rcptTo'],
    fills: [],
    source: 'src/hooks/methods/check-greylist.ts',
  },
  checkRate: {
    doc: 'Counts under a key, unless that would make more than the limit within the window.',
    inputs: ['rateKey', 'rateLimit', 'rateWindow', 'rateOptions'],
    uses: [],
    fills: [],
    source: 'src/hooks/methods/check-rate.ts',
  },
  signDKIM: {
    doc: 'Has the message signed when it is stored, with keys of `dkim.keys` (RFC 6376).',
    inputs: ['signWish'],
    uses: [],
    fills: [],
    source: 'src/hooks/methods/sign-dkim.ts',
  },
  addFilter: {
    doc: 'Registers an external filter under a name for the rest of the session.',
    inputs: ['filterName', 'filterType', 'filterAddress'],
    uses: [],
    fills: ['addFilterResult', 'addFilterExplanation'],
    source: 'src/hooks/methods/filters.ts',
  },
  executeFilters: {
    doc: 'Runs, for the current event, every registered filter whose name fits the pattern. Each one leaves its result, action and explanation under its own name.',
    inputs: ['filterNamePattern'],
    uses: ['*'],
    fills: ["'filterName'.result", "'filterName'.action", "'filterName'.explanation"],
    source: 'src/hooks/methods/filters.ts',
  },
  addHeader: {
    doc: 'Adds a header field, also when the message already has one of that name.',
    inputs: ['headerName', 'headerValue'],
    uses: [],
    fills: [],
    source: 'src/hooks/methods/headers.ts',
  },
  addIfNotExistsHeader: {
    doc: 'Adds a header field unless the message already has one of that name.',
    inputs: ['headerName', 'headerValue'],
    uses: [],
    fills: [],
    source: 'src/hooks/methods/headers.ts',
  },
  removeFirstHeader: {
    doc: 'Removes the topmost header field of that name.',
    inputs: ['headerName'],
    uses: [],
    fills: [],
    source: 'src/hooks/methods/headers.ts',
  },
  removeHeader: {
    doc: 'Removes all header fields of that name.',
    inputs: ['headerName'],
    uses: [],
    fills: [],
    source: 'src/hooks/methods/headers.ts',
  },
  modifyHeader: {
    doc: 'Gives the header field of that name a new value, and adds the field when there is none.',
    inputs: ['headerName', 'headerValue'],
    uses: [],
    fills: [],
    source: 'src/hooks/methods/headers.ts',
  },
  modifyIfExistsHeader: {
    doc: 'Gives the header field of that name a new value, and does nothing when there is none.',
    inputs: ['headerName', 'headerValue'],
    uses: [],
    fills: [],
    source: 'src/hooks/methods/headers.ts',
  },
  addRcpt: {
    doc: 'Adds a recipient to the envelope.',
    inputs: ['rcptAddress'],
    uses: [],
    fills: [],
    source: 'src/hooks/methods/recipients.ts',
  },
  discardRcpt: {
    doc: 'Takes a recipient out of the envelope.',
    inputs: ['rcptAddress'],
    uses: [],
    fills: [],
    source: 'src/hooks/methods/recipients.ts',
  },
} as const;

interface MethodRow extends MethodSpec {
  readonly inputs: readonly (VariableName | keyof typeof METHOD_ARGUMENTS)[];
  readonly uses: readonly (VariableName | '*')[];
  readonly fills: readonly (VariableName | `'filterName'.${FilterSlotName}`)[];
}

/** Fails to compile when a row lacks a field or names something unknown. */
type Checked<Rows extends Readonly<Record<string, MethodRow>>> = Rows;

export type MethodName = keyof Checked<typeof METHODS>;
