/**
 * From one response to one outcome.
 *
 * Aliases are followed inside the answer, a bounded number of steps. "Nothing there" is said only
 * by a server that knows; a server that merely points elsewhere, or fails, has not answered. An
 * alias whose end is not in the answer, with no word that there is none, is for the asker to ask.
 *
 * Callers: the UDP resolver. RFC 1034 §3.6.2, RFC 2308 §2, RFC 8020 §2.
 */
import { foldName } from './host-name.js';
import type { DnsQuery } from './query-packet.js';
import type { DnsOutcome, RecordData, RecordType } from './resolver.js';
import type { DnsRecord, DnsResponse } from './response-packet.js';

/** No sane zone chains more; a loop ends here. */
const MOST_ALIASES = 16;

/**
 * Life of "nothing there" from a server that tells none. Block lists often leave the SOA out, and
 * asking them anew for each message would only burden them.
 */
const UNSAID_NEGATIVE_SECONDS = 60;

const NO_ERROR = 0;
export const FORMAT_ERROR = 1;
const NAME_ERROR = 3;
export const NOT_IMPLEMENTED = 4;
const REFUSED = 5;

/** The name is another name for `target`, about which the answer says nothing. */
export interface AliasOutcome {
  readonly status: 'alias';
  readonly target: string;
  readonly ttlSeconds: number;
  readonly authentic: boolean;
}

/** `trustAd`: whether this server's word that it validated the data is worth anything. */
export function readAnswer<T extends RecordType>(
  query: DnsQuery<T>,
  response: DnsResponse,
  trustAd: boolean,
): DnsOutcome<RecordData[T]> | AliasOutcome {
  const { rcode } = response;
  if (rcode === REFUSED) return { status: 'tempFail', trouble: 'refused', detail: 'the server refused' };
  if (rcode !== NO_ERROR && rcode !== NAME_ERROR) {
    return { status: 'tempFail', trouble: 'servfail', detail: `the server answered with code ${rcode}` };
  }
  const found = follow(query, response.answers);
  if (!found) {
    return {
      status: 'tempFail',
      trouble: 'malformed',
      detail: 'aliases in the answer form a chain without end',
    };
  }
  const authentic = trustAd && response.authentic;
  if (found.records.length > 0) {
    return { status: 'found', records: found.records, ttlSeconds: found.ttlSeconds, authentic };
  }
  if (rcode === NO_ERROR && response.negativeTtlSeconds === undefined) {
    const { name, ttlSeconds } = found;
    if (found.isAlias) return { status: 'alias', target: name, ttlSeconds, authentic };
    if (response.referral) {
      return { status: 'tempFail', trouble: 'servfail', detail: 'the server points to others' };
    }
  }
  const ttlSeconds = Math.min(found.ttlSeconds, response.negativeTtlSeconds ?? UNSAID_NEGATIVE_SECONDS);
  return { status: 'none', nxdomain: rcode === NAME_ERROR, ttlSeconds, authentic };
}

interface Followed<D> {
  readonly records: readonly D[];
  readonly ttlSeconds: number;
  /** The name at the end of the chain. */
  readonly name: string;
  readonly isAlias: boolean;
}

function follow<T extends RecordType>(
  query: DnsQuery<T>,
  answers: readonly DnsRecord[],
): Followed<RecordData[T]> | undefined {
  // Once for all steps: thousands of long names are folded as often as there are aliases otherwise.
  const owners = answers.map((record) => foldName(record.name));
  let name = foldName(query.name);
  let ttlSeconds = Number.POSITIVE_INFINITY;
  for (let aliases = 0; aliases <= MOST_ALIASES; aliases++) {
    const here = answers.filter((_, index) => owners[index] === name);
    const wanted = here.filter((record) => record.type === query.type);
    const alias = here.find((record) => record.type === 'CNAME');
    if (wanted.length > 0 || !alias) {
      ttlSeconds = wanted.reduce((least, record) => Math.min(least, record.ttlSeconds), ttlSeconds);
      const records = wanted.map((record) => record.data as RecordData[T]);
      return { records, ttlSeconds, name, isAlias: aliases > 0 };
    }
    ttlSeconds = Math.min(ttlSeconds, alias.ttlSeconds);
    name = foldName(alias.data);
  }
  return undefined;
}
