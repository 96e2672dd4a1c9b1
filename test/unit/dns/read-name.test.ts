import { describe, expect, it } from 'vitest';
import { createQuery } from '../../../src/dns/query-packet.js';
import { NameReader } from '../../../src/dns/read-name.js';
import { nameOctets, pointerTo } from '../../helpers/dns-octets.js';

function readAt(packet: Buffer, at: number) {
  const reader = new NameReader(packet);
  return { name: reader.read(at), end: reader.end, flaw: reader.flaw };
}

describe('names out of packets', () => {
  it('reads labels, pointers and the root, and tells where each name ends', () => {
    const packet = Buffer.concat([
      nameOctets(['mx', 'example', 'org']),
      Buffer.from([1, 0x61]),
      pointerTo(3),
      pointerTo(16),
      pointerTo(15),
    ]);
    const reader = new NameReader(packet);
    const read = (at: number) => [reader.read(at), reader.end];
    expect(read(0)).toEqual(['mx.example.org', 16]);
    expect(read(16)).toEqual(['a.example.org', 20]);
    expect(read(20)).toEqual(['a.example.org', 22]);
    expect(read(22)).toEqual(['.', 24]);
    expect(read(20)).toEqual(['a.example.org', 22]);
  });

  it('takes a pointer as far as one reaches', () => {
    const packet = Buffer.alloc(0x4002);
    packet.set(nameOctets(['x']), 0x3ffd);
    packet.set(pointerTo(0x3ffd), 0x4000);
    expect(readAt(packet, 0x4000)).toMatchObject({ name: 'x', end: 0x4002 });
  });

  it.each([
    ['nothing', Buffer.alloc(0), 0, 'beyond'],
    ['a label that is cut', Buffer.from([3, 0x61, 0x62]), 0, 'beyond'],
    ['no root', Buffer.from([1, 0x61]), 0, 'beyond'],
    ['half a pointer', Buffer.from([0, 0xc0]), 1, 'beyond'],
    ['a pointer to itself', Buffer.from([0xc0, 0]), 0, 'lead back'],
    ['a pointer ahead', Buffer.from([0xc0, 2, 0]), 0, 'lead back'],
    ['a pointer to its own label', Buffer.from([1, 0x61, 0xc0, 0]), 0, 'lead back'],
    ['a pointer into its own name', Buffer.from([0, 2, 0, 0, 0xc0, 2]), 1, 'lead back'],
    ['two pointers in a ring', Buffer.from([0xc0, 2, 0xc0, 0]), 2, 'lead back'],
    ['a label of kind 01', Buffer.from([0x40, 0]), 0, 'unknown kind'],
    ['a label of kind 10', Buffer.from([0x80, 0]), 0, 'unknown kind'],
  ])('refuses %s', (_, packet, at, flaw) => {
    const read = readAt(packet, at);
    expect(read.name).toBeUndefined();
    expect(read.flaw).toContain(flaw);
  });

  it('takes 255 octets and no more, with pointers and without', () => {
    const most = [63, 63, 63, 61].map((length) => 'a'.repeat(length));
    const longest = nameOctets(most);
    expect(longest).toHaveLength(255);
    expect(readAt(longest, 0).name).toBe(most.join('.'));
    const longer = nameOctets([...most.slice(0, 3), 'a'.repeat(62)]);
    expect(readAt(longer, 0)).toMatchObject({ name: undefined, flaw: 'a name of more than 255 octets' });
    const behind = Buffer.concat([longest, Buffer.from([1, 0x61]), pointerTo(0)]);
    const reader = new NameReader(behind);
    expect(reader.read(0)).toBe(most.join('.'));
    expect(reader.read(255)).toBeUndefined();
  });

  it('takes 127 labels with a pointer after each, and no more pointers', () => {
    const parts: Buffer[] = [Buffer.from([0])];
    let last = 0;
    let at = 1;
    for (let label = 0; label < 127; label++) {
      parts.push(Buffer.from([1, 0x61]), pointerTo(last));
      last = at;
      at += 4;
    }
    const packet = Buffer.concat([...parts, pointerTo(last)]);
    const reader = new NameReader(packet);
    expect(reader.read(last)).toBe(new Array(127).fill('a').join('.'));
    expect(reader.read(at)).toBeUndefined();
    expect(reader.flaw).toBe('a name of too many parts');
  });

  it('judges a name alike whether its end is known by then or not', () => {
    const chain = Buffer.concat([
      Buffer.from([0]),
      ...Array.from({ length: 300 }, (_, index) => pointerTo(index === 0 ? 0 : 2 * index - 1)),
    ]);
    const inTurn = new NameReader(chain);
    for (let link = 0; link < 300; link++) {
      const at = 1 + 2 * link;
      expect(inTurn.read(at)).toBe(new NameReader(chain).read(at));
    }
  });

  it('makes names of any octets that can be asked for', () => {
    const labels = [Buffer.from('a.b'), Buffer.from([0xff, 0x41]), Buffer.from('\u00fc')];
    const octets = nameOctets(labels);
    const { name } = readAt(octets, 0);
    expect(name).toBe('a\udc2eb.\udcffA.\u00fc');
    expect(createQuery(name ?? '', 'A')?.question.subarray(0, octets.length)).toEqual(octets);
  });
});
