/**
 * DMARC where the record of the author's own domain decides, without the walk up the tree.
 *
 * The walk tells which other domains belong to the author. Nobody needs it where the author's own
 * domain passed, or where nothing that passed could belong to the author whatever stands above; and
 * a domain below the author's belongs to the same organization unless a record between the two says
 * where one begins. So no question goes to a zone above the author's, whose silence would hold up
 * every message. Names, records and policies are read by mailauth, and so is all that is not sure.
 *
 * Callers: checks/dmarc. Rejects only where the library cannot be loaded. RFC 9989 §4.10.1, RFC 9989 §4.10.2.
 */
import { isIP } from 'node:net';
import type { DmarcAnswer, DmarcRequest } from 'mailauth/lib/dmarc/index.js';
import type { DmarcRecord, RecordLookup } from 'mailauth/lib/dmarc/get-dmarc-record.js';
import { lazily } from '../core/lazily.js';

/** Longer names lose labels on the walk, so that not all that is between would be seen. */
const MOST_LABELS = 7;
/** So many walks the library makes for one message. */
const MOST_DOMAINS = 10;

const LESS = { reject: 'quarantine', quarantine: 'none', none: 'none' } as const;

const loadParts = lazily(async () => {
  const [{ getAuthorDomain }, { createRecordLookup, getPolicyTags }, { formatDomain }] = await Promise.all([
    import('mailauth/lib/dmarc/author-domain.js'),
    import('mailauth/lib/dmarc/get-dmarc-record.js'),
    import('mailauth/lib/tools.js'),
  ]);
  return { getAuthorDomain, createRecordLookup, getPolicyTags, formatDomain };
});

/** The author, the record of that very domain, and how other records are found. */
interface Author {
  readonly domain: string;
  readonly record: DmarcRecord;
  readonly lookup: RecordLookup;
}

/** A domain that passed, as it is compared and as it was written. */
interface Passed {
  readonly name: string;
  readonly domain: string;
}

/** `undefined`: the record of the author's own domain does not decide, or there is none. */
export async function answerOfOwnRecord(request: DmarcRequest): Promise<DmarcAnswer | undefined> {
  const { spfDomains, dkimDomains, resolver } = request;
  if (spfDomains.length + dkimDomains.length > MOST_DOMAINS) return undefined;
  const { getAuthorDomain, createRecordLookup, getPolicyTags, formatDomain } = await loadParts();
  const { domain: from = '', authorDomain = '' } = getAuthorDomain(request.headerFrom, request.fromFields);
  if (!isName(authorDomain)) return undefined;
  const lookup = rememberingLookup(resolver, createRecordLookup(resolver, { strict: true }));
  const record = await lookup(authorDomain).catch(() => false as const);
  const tags = record && getPolicyTags(record);
  if (!tags) return undefined;

  const author = { domain: authorDomain, record, lookup };
  const toPassed = ({ domain }: { readonly domain: string }): Passed => ({
    name: formatDomain(domain),
    domain,
  });
  const spf = await alignedOf(author, spfDomains.map(toPassed), record.aspf === 's');
  const dkim = await alignedOf(author, dkimDomains.map(toPassed), record.adkim === 's');
  const result = resultOf(spf, dkim);
  return (
    result && {
      status: { result, header: { from } },
      domain: authorDomain,
      policyDomain: authorDomain,
      policy: record.t === 'y' ? LESS[tags.p] : tags.p,
      alignment: { spf: { result: spf ?? '' }, dkim: { result: dkim ?? '' } },
    }
  );
}

/** Records by their text, so that those of domains that write often are read once. */
const readRecords = new Map<string, DmarcRecord>();
const MOST_READ = 1000;
/** Characters of a text that is kept. */
const LONGEST_KEPT = 500;

/** Reads a text that stands alone at its name from memory; all else is for `read`. */
function rememberingLookup(resolver: DmarcRequest['resolver'], read: RecordLookup): RecordLookup {
  return async (name) => {
    const rows = await resolver(`_dmarc.${name}`, 'TXT').catch(() => []);
    const [row, ...others] = rows;
    const text = Array.isArray(row) && others.length === 0 ? row.join('') : '';
    if (text === '' || text.length > LONGEST_KEPT) return await read(name);
    const known = readRecords.get(text);
    if (known !== undefined) return known;
    const record = await read(name);
    if (!record) return false;
    if (readRecords.size >= MOST_READ) readRecords.clear();
    readRecords.set(text, record);
    return record;
  };
}

function isName(domain: string): boolean {
  return domain !== '' && !domain.startsWith('[') && isIP(domain) === 0;
}

function resultOf(spf: string | undefined, dkim: string | undefined): 'pass' | 'fail' | undefined {
  if (spf || dkim) return 'pass';
  return spf === undefined || dkim === undefined ? undefined : 'fail';
}

/**
 * The first domain that passed and surely belongs to the author, who comes before all others; empty
 * where surely none does; `undefined` where the walk would have to tell.
 */
function alignedOf(
  author: Author,
  passed: readonly Passed[],
  isStrict: boolean,
): string | Promise<string | undefined> {
  const own = passed.find(({ name }) => name === author.domain);
  if (own) return own.domain;
  return isStrict || passed.length === 0 ? '' : firstBelow(author, passed);
}

async function firstBelow(author: Author, passed: readonly Passed[]): Promise<string | undefined> {
  let isSure = true;
  for (const { name, domain } of passed) {
    const belongs = await belongsTo(author, name);
    if (belongs === true) return domain;
    if (belongs === undefined) isSure = false;
  }
  return isSure ? '' : undefined;
}

async function belongsTo({ domain, record, lookup }: Author, name: string): Promise<boolean | undefined> {
  if (lastLabel(name) !== lastLabel(domain)) return false;
  if (!name.endsWith(`.${domain}`)) return record.psd === 'n' ? false : undefined;
  const labels = name.split('.');
  if (record.psd === 'y' || labels.length > MOST_LABELS) return undefined;
  // On its walk up the name comes by the author's own record; from there on both go the same way.
  for (let between = name; between !== domain; between = between.slice(between.indexOf('.') + 1)) {
    const found = await lookup(between).catch(() => undefined);
    if (found === undefined) return undefined;
    if (found !== false && (found.psd === 'y' || found.psd === 'n')) return undefined;
  }
  return true;
}

function lastLabel(name: string): string {
  return name.slice(name.lastIndexOf('.') + 1);
}
