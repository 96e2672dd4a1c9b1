/** Answers read as another decoder reads them, names that go back as they came, and bounded work. */
import dnsPacket, { type Answer } from 'dns-packet';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { foldName } from '../../src/dns/host-name.js';
import { formatIpAddress, parseIpAddress } from '../../src/dns/ip-address.js';
import { createQuery } from '../../src/dns/query-packet.js';
import { NameReader } from '../../src/dns/read-name.js';
import { decodeResponse } from '../../src/dns/response-packet.js';
import {
  Compressor,
  nameOctets,
  packetOctets,
  questionOctets,
  recordOctets,
  TYPE,
} from '../helpers/dns-octets.js';

/** Few labels, so that names share their ends and pointers abound. */
const plainLabel = fc.oneof(
  fc.constantFrom('mx', 'example', 'org', 'Mail', '_dmarc', 'b\u00fccher', 'a b', 'x\\y'),
  fc.stringMatching(/^[a-z0-9-]{1,20}$/),
);
const plainName = fc
  .array(plainLabel, { maxLength: 6 })
  .map((labels) => labels.map((label) => Buffer.from(label)));

type Labels = readonly Buffer[];
interface Written {
  readonly type: number;
  readonly owner: Labels;
  readonly ttl: number;
  readonly before: Buffer;
  /** A name that follows `before` in the data. */
  readonly target: Labels | undefined;
}

const octets = (length: number) =>
  fc.uint8Array({ minLength: length, maxLength: length }).map((list) => Buffer.from(list));
const strings = fc
  .array(fc.uint8Array({ maxLength: 255 }), { maxLength: 4 })
  .map((list) => Buffer.concat(list.map((string) => Buffer.from([string.length, ...string]))));

function written(type: number, before: fc.Arbitrary<Buffer>, target: fc.Arbitrary<Labels | undefined>) {
  const ttl = fc.oneof(fc.nat(100_000), fc.nat(0xffff_ffff));
  return fc.record<Written>({ type: fc.constant(type), owner: plainName, ttl, before, target });
}

const none = fc.constant(undefined);
const empty = fc.constant(Buffer.alloc(0));
const record = fc.oneof(
  written(TYPE.A, octets(4), none),
  written(TYPE.AAAA, octets(16), none),
  written(TYPE.TXT, strings, none),
  written(TYPE.OTHER, strings, none),
  written(TYPE.MX, octets(2), plainName),
  written(TYPE.CNAME, empty, plainName),
  written(TYPE.PTR, empty, plainName),
  written(TYPE.NS, empty, plainName),
);

/** The packet as a name server would write it, every name compressed as far as it goes. */
function write(questionName: Labels, records: readonly Written[]): Buffer {
  const compressor = new Compressor();
  const question = questionOctets(compressor.write(questionName, 12));
  let length = 12 + question.length;
  const answers = records.map(({ type, owner: ownerLabels, ttl, before, target }) => {
    const owner = compressor.write(ownerLabels, length);
    const dataAt = length + owner.length + 10;
    const name = target ? compressor.write(target, dataAt + before.length) : Buffer.alloc(0);
    const whole = recordOctets({ owner, type, ttl, data: Buffer.concat([before, name]) });
    length += whole.length;
    return whole;
  });
  return packetOctets({ question, answers });
}

/** What the other decoder says, in our words. */
function inOurWords(answer: Answer): unknown {
  if (answer.type === 'OPT') return undefined;
  const ttl = answer.ttl ?? 0;
  const head = { type: answer.type, name: answer.name, ttlSeconds: ttl > 0x7fff_ffff ? 0 : ttl };
  switch (answer.type) {
    case 'A':
    case 'CNAME':
    case 'PTR':
      return { ...head, data: answer.data };
    case 'AAAA':
      return { ...head, data: sameForm(answer.data) };
    case 'MX':
      return { ...head, data: { preference: answer.data.preference, exchange: answer.data.exchange } };
    case 'TXT':
      return { ...head, data: Buffer.concat(answer.data as Buffer[]).toString() };
    default:
      return undefined;
  }
}

function sameForm(text: string): string {
  const address = parseIpAddress(text);
  return address ? formatIpAddress(address) : text;
}

const anyLabel = fc.oneof(
  fc.uint8Array({ minLength: 1, maxLength: 63 }).map((list) => Buffer.from(list)),
  plainLabel.map((label) => Buffer.from(label)),
  fc.constantFrom('.', 'a.b', '\u00fc.', '\\046').map((label) => Buffer.from(label)),
);
const anyName = fc
  .array(anyLabel, { minLength: 1, maxLength: 8 })
  .filter((labels) => nameOctets(labels).length <= 255);

describe('answers of DNS', () => {
  it('read as another decoder reads them', () => {
    fc.assert(
      fc.property(plainName, fc.array(record, { maxLength: 12 }), (name, records) => {
        const packet = write(name, records);
        const others = (dnsPacket.decode(packet).answers ?? []).map(inOurWords).filter(Boolean);
        const decoded = decodeResponse(packet);
        if (decoded.status !== 'decoded') throw new Error(decoded.detail);
        const ours = decoded.response.answers.map((one) =>
          one.type === 'AAAA' ? { ...one, data: sameForm(one.data) } : one,
        );
        expect(ours).toEqual(others);
      }),
      { numRuns: 2000 },
    );
  });

  it('hold names that can be asked for again, octet by octet, and compare without letter case', () => {
    fc.assert(
      fc.property(anyName, (labels) => {
        const inPacket = nameOctets(labels);
        const name = new NameReader(inPacket).read(0) ?? '';
        const question = createQuery(name, 'A')?.question;
        expect(question?.subarray(0, inPacket.length)).toEqual(inPacket);
        const otherCase = labels.map((label) => Buffer.from(label.map(swapCase)));
        const other = new NameReader(nameOctets(otherCase)).read(0) ?? '';
        expect(foldName(other)).toBe(foldName(name));
        expect(name.split('.')).toHaveLength(labels.length);
      }),
      { numRuns: 2000 },
    );
  });

  it('are read in steps in proportion to their octets, whatever points where', () => {
    const octet = fc.oneof(
      { weight: 3, arbitrary: fc.nat(3) },
      { weight: 3, arbitrary: fc.constantFrom(0xc0, 0xc1) },
      { weight: 1, arbitrary: fc.nat(255) },
    );
    const filler = fc
      .array(octet, { minLength: 40, maxLength: 480 })
      .map((list) => Buffer.from([...list, 0, 0, 0]));
    const places = fc.array(fc.nat(500), { minLength: 1, maxLength: 60 });
    fc.assert(
      fc.property(filler, places, (data, offsets) => {
        const owner = Buffer.from([0]);
        const alias = (offset: number) =>
          recordOctets({
            owner: Buffer.from([0xc0 | (offset >> 8), offset & 255]),
            type: TYPE.CNAME,
            data: Buffer.from([0xc0 | (offset >> 8), offset & 255]),
          });
        const answers = [recordOctets({ owner, type: TYPE.OTHER, data }), ...offsets.map(alias)];
        const packet = packetOctets({ question: questionOctets(nameOctets(['x'])), answers });
        const names = new NameReader(packet);
        decodeResponse(packet, names);
        expect(names.steps).toBeLessThan(2 * packet.length);
      }),
      { numRuns: 2000 },
    );
  });
});

function swapCase(octet: number): number {
  const lower = octet | 0x20;
  return lower >= 0x61 && lower <= 0x7a ? octet ^ 0x20 : octet;
}
