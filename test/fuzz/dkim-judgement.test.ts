/**
 * Our judgement of signatures against that of mailauth's own verifier in its strict mode.
 *
 * Both get the same fields and the same records; signatures fit, are changed a little, or are made
 * of odd tags. What is compared is all that the rest of the program reads.
 */
import { createRequire } from 'node:module';
import type { HeaderLine, KeySource } from 'mailauth/lib/dkim/dkim-verifier.js';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { loadVerifier } from '../../src/checks/signatures/verifier.js';
import { type HeaderBlock, parseHeader } from '../../src/message/header-block.js';
import { change, mails, NOW, of, RECORDS, rsa, signed, signing } from '../helpers/odd-signatures.js';
import { arcSealed, type Mail } from '../helpers/text-signer.js';

interface Told {
  readonly signingDomain?: string;
  readonly selector?: string;
  readonly algo?: unknown;
  readonly status: {
    readonly result: string;
    readonly comment?: unknown;
    readonly testing?: unknown;
    readonly underSized?: unknown;
    readonly policy?: unknown;
    readonly header?: Readonly<Record<string, unknown>>;
  };
  /** In our results, what theirs have as `underSized` and `header` of the status. */
  readonly uncovered?: number;
  readonly who?: Readonly<Record<string, unknown>>;
}
interface Theirs {
  readonly results: readonly Told[];
  readonly arc: { lastEntry?: { messageSignature?: Told }; error?: Error };
  keyCache: KeySource;
  messageHeaders(headers: { readonly parsed: readonly HeaderLine[] }): Promise<void>;
  nextChunk(octets: Buffer): Promise<void>;
  finalChunk(): Promise<void>;
}
const require = createRequire(import.meta.url);
const { DkimVerifier } = require('mailauth/lib/dkim/dkim-verifier.js') as {
  DkimVerifier: new (options: object) => Theirs;
};
const { createKeyCache } = require('mailauth/lib/tools.js') as {
  createKeyCache: (resolver: (name: string, type: string) => Promise<string[][]>) => KeySource;
};

class DnsError extends Error {
  readonly code: string;
  constructor(code: string) {
    super(code);
    this.code = code;
  }
}

async function resolve(name: string): Promise<string[][]> {
  const record = RECORDS[name.slice(0, name.indexOf('.'))];
  if (record !== undefined) return await Promise.resolve([[record]]);
  throw new DnsError(name.startsWith('slow.') ? 'ETIMEOUT' : 'ENOTFOUND');
}

function linesOf({ fields }: HeaderBlock): HeaderLine[] {
  return fields.map(({ name, raw }) => ({
    key: name.toLowerCase(),
    casedKey: name,
    line: raw.subarray(0, raw.length - 2),
  }));
}

/** What the program reads of a result. */
function read({ signingDomain = '', selector = '', algo, status, uncovered, who }: Told): unknown {
  const { result, comment, testing = false, underSized = uncovered ?? 0, policy, header = who } = status;
  const { i, b } = header ?? {};
  const explanation = comment === false || comment === '' ? undefined : comment;
  return { signingDomain, selector, algo, result, explanation, testing, underSized, policy, i, b };
}

interface Verifier {
  readonly arc: { readonly error?: Error };
}

function told(judged: readonly Told[], newest: Told | undefined, { arc }: Verifier): unknown {
  return {
    judged: judged.map(read),
    newest: newest && read(newest),
    fault: arc.error?.message,
  };
}

async function ours(header: HeaderBlock, body: Buffer): Promise<unknown> {
  const verifier = (await loadVerifier())(NOW);
  await verifier.begin(header);
  for (const hash of verifier.bodyHashes.values()) hash.update(body);
  const judged: readonly Told[] = await verifier.conclude(createKeyCache(resolve));
  return told(judged, verifier.arc.lastEntry?.['messageSignature'] as Told | undefined, verifier);
}

async function theirs(header: HeaderBlock, body: Buffer): Promise<unknown> {
  const verifier = new DkimVerifier({ strict: true, minBitLength: 1024, curTime: NOW });
  verifier.keyCache = createKeyCache(resolve);
  await verifier.messageHeaders({ parsed: linesOf(header) });
  await verifier.nextChunk(body);
  await verifier.finalChunk();
  const judged = verifier.results.filter(({ status }) => status.result !== 'none');
  return told(judged, verifier.arc.lastEntry?.messageSignature, verifier);
}

async function compare({ header, body }: Mail): Promise<readonly string[]> {
  const { header: block } = parseHeader(Buffer.from(header, 'latin1'));
  const octets = Buffer.from(body, 'latin1');
  const wanted = await theirs(block, octets);
  expect(await ours(block, octets)).toEqual(wanted);
  return (wanted as { judged: { result: string; explanation?: string }[] }).judged.map(
    ({ result, explanation = '' }) => `${result} ${explanation}`.trim(),
  );
}

describe('what a signature comes to', () => {
  it('is what the library says of signatures of every kind', async () => {
    const seen = new Set<string>();
    const many = fc.array(signing, { minLength: 1, maxLength: 3 });
    await fc.assert(
      fc.asyncProperty(mails, many, async (mail, hows) => {
        for (const one of await compare(hows.reduce(signed, mail))) seen.add(one);
      }),
      { numRuns: 1500, seed: 63_76 },
    );
    const missed = [
      'pass',
      'fail body hash did not verify',
      'fail bad signature',
      'neutral no key',
      'neutral invalid public key',
      'neutral inappropriate key algorithm',
      'neutral inappropriate hash algorithm',
      'neutral key not for email',
      'neutral unknown key version',
      'neutral unknown algorithm',
      'neutral domain mismatch',
      'neutral expired',
      'neutral From field not signed',
      'neutral signature syntax error',
      'temperror DNS failure: ETIMEOUT',
      'policy',
      'policy weak algorithm',
    ].filter((one) => !seen.has(one));
    expect(missed).toEqual([]);
  });

  it('is what the library says where a few octets have changed', async () => {
    await fc.assert(
      fc.asyncProperty(
        mails,
        signing,
        fc.array(change, { minLength: 1, maxLength: 3 }),
        async (mail, how, changes) => {
          const good = signed(mail, how);
          const header = changes.reduce((text, [turn, cut, put]) => {
            const at = turn % text.length;
            return text.slice(0, at) + put + text.slice(at + cut);
          }, good.header);
          await compare({ ...good, header: `${header.replace(/\r?\n?$/, '')}\r\n` });
        },
      ),
      { numRuns: 1500, seed: 86_01 },
    );
  });

  it('is what the library says of the newest signature of a chain', async () => {
    const ams = of<(text: string) => string>(
      (text) => text,
      (text) => text.replace('h=from', 'h=to'),
      (text) => text.replace('rsa-sha256', 'rsa-sha1'),
      (text) => text.replace('t=1700000000', 't=1700000000; x=1700000005'),
      (text) => text.replace('t=1700000000', 't=1700000000; x=1600000005'),
      (text) => text.replace('s=s', 's=slow'),
      (text) => text.replace('s=s', 's=ed'),
    );
    const form = of<'simple' | 'relaxed'>('simple', 'relaxed');
    await fc.assert(
      fc.asyncProperty(
        mails,
        signing,
        fc.tuple(ams, form, fc.boolean()),
        async (mail, how, [odd, amsForm, twice]) => {
          const first = arcSealed(signed(mail, how), { key: rsa, i: 1, ams: odd, amsForm });
          await compare(twice ? arcSealed(first, { key: rsa, i: 2 }) : first);
        },
      ),
      { numRuns: 500, seed: 86_17 },
    );
  });
});
