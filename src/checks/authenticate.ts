/**
 * Everything that is checked of a message, for one that lies in a file.
 *
 * The same checks as on the way in, in the same order, over octets that come in pieces: the header
 * is kept under a bound, the body is hashed and forgotten. Without a client SPF is not checked,
 * because nothing in a message can be believed about who sent it.
 *
 * Callers: cli. Rejects when the octets do; what is wrong with the message is a status.
 */
import type { AuthResult } from '../message/authentication-results.js';
import { parseHeader } from '../message/header-block.js';
import { createHeaderCollector } from '../message/header-collector.js';
import { arcResult, dkimResults, dmarcResult } from './auth-results.js';
import { checkDmarc, type DmarcOutcome } from './dmarc.js';
import { MessageSignatures, type SignatureDeps } from './signatures/message-signatures.js';
import type { Verified } from './signatures/verified.js';
import { checkSpf, type SpfArgs, type SpfOutcome } from './spf.js';
import { spfAuthResult } from './spf-auth-result.js';

/** As the server keeps it with its usual limits. */
const LONGEST_HEADER = 262_144;
const CRLF = Buffer.from('\r\n');

export interface Authentication {
  readonly signatures: Verified;
  /** Absent without a client. */
  readonly spf?: SpfOutcome;
  readonly dmarc: DmarcOutcome;
  /** What Authentication-Results would say, in its order. */
  readonly results: readonly AuthResult[];
}

export type Authenticated =
  | ({ readonly status: 'checked' } & Authentication)
  /** It does not begin with a header field, or its header is longer than a server takes. */
  | { readonly status: 'noHeader' | 'headerTooBig' };

/** Reads the message, whose lines end in CRLF, and checks it. */
export async function authenticate(
  deps: SignatureDeps,
  message: AsyncIterable<Buffer>,
  client?: SpfArgs,
): Promise<Authenticated> {
  const reading = await readMessage(deps, message);
  if (!(reading instanceof MessageSignatures)) return { status: reading };
  const [signatures, spf] = await Promise.all([reading.verify(), client && checkSpf(deps, client)]);
  const { dkim, arc, author } = signatures;
  const dmarc = await checkDmarc(deps, {
    author,
    dkim,
    spfDomain: spf?.status === 'Pass' ? spf.domain : '',
    spfTroubleDomain: spf?.status === 'TempError' ? spf.domain : '',
  });
  const results = [
    ...(spf ? [spfAuthResult(spf)] : []),
    ...dkimResults(dkim),
    dmarcResult(dmarc),
    arcResult(arc, client?.ip ?? ''),
  ];
  return { status: 'checked', signatures, dmarc, results, ...(spf && { spf }) };
}

async function readMessage(
  deps: SignatureDeps,
  message: AsyncIterable<Buffer>,
): Promise<MessageSignatures | 'noHeader' | 'headerTooBig'> {
  const collector = createHeaderCollector(LONGEST_HEADER);
  let signatures: MessageSignatures | undefined;
  for await (const piece of message) {
    if (signatures) {
      signatures.update(piece);
      continue;
    }
    const collected = collector.feed(piece);
    if (collected.status === 'more') continue;
    if (collected.status === 'tooBig') return tooBig(collected.octets);
    const begun = await begin(deps, collected.octets, CRLF);
    if (!begun) return 'noHeader';
    signatures = begun;
    signatures.update(collected.rest);
  }
  return signatures ?? (await begin(deps, collector.end(), Buffer.alloc(0))) ?? 'noHeader';
}

/** A file without any blank line for so long is more likely none of the kind. */
function tooBig(octets: Buffer): 'noHeader' | 'headerTooBig' {
  return parseHeader(octets).header.fields.length === 0 ? 'noHeader' : 'headerTooBig';
}

/** The signatures of a header; what stands in it and is no field is the beginning of the body. */
async function begin(
  deps: SignatureDeps,
  octets: Buffer,
  blankLine: Buffer,
): Promise<MessageSignatures | undefined> {
  const { header, body } = parseHeader(octets);
  if (header.fields.length === 0) return undefined;
  const signatures = await MessageSignatures.begin(deps, header);
  if (body.length > 0) signatures.update(Buffer.concat([body, blankLine]));
  return signatures;
}
