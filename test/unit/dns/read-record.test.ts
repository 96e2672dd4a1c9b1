import { describe, expect, it } from 'vitest';
import { NameReader } from '../../../src/dns/read-name.js';
import { readHead, readNegativeTtl, readRecord } from '../../../src/dns/read-record.js';
import { nameOctets, recordOctets, TYPE } from '../../helpers/dns-octets.js';

const owner = nameOctets(['x', 'example']);

function read(type: number, data: Buffer, fields: { class?: number; length?: number; ttl?: number } = {}) {
  const packet = recordOctets({ owner, type, data, ...fields });
  const names = new NameReader(packet);
  const head = readHead(packet, names, 0);
  return head && readRecord(packet, names, head);
}

function negativeTtl(data: Buffer, ttl = 60) {
  const packet = recordOctets({ owner, type: TYPE.SOA, data, ttl });
  const names = new NameReader(packet);
  const head = readHead(packet, names, 0);
  return head && readNegativeTtl(packet, names, head);
}

const ipv6 = (...groups: number[]): Buffer => {
  const octets = Buffer.alloc(16);
  groups.forEach((group, index) => octets.writeUInt16BE(group, 2 * index));
  return octets;
};
const host = nameOctets(['mx', 'example']);

describe('records out of packets', () => {
  it.each([
    [ipv6(0x2001, 0xdb8, 0, 0, 0, 0, 0, 1), '2001:db8::1'],
    [ipv6(0, 0, 0, 0, 0, 0, 0, 0), '::'],
    [ipv6(0, 0, 0, 0, 0, 0, 0, 1), '::1'],
    [ipv6(1, 0, 0, 0, 0, 0, 0, 0), '1::'],
    [ipv6(0, 0, 1, 0, 0, 0, 1, 1), '0:0:1::1:1'],
    [ipv6(1, 0, 0, 1, 1, 0, 0, 1), '1::1:1:0:0:1'],
    [ipv6(0, 0, 1, 1, 1, 1, 0, 0), '::1:1:1:1:0:0'],
    [ipv6(1, 0, 1, 1, 1, 1, 0xffff, 1), '1:0:1:1:1:1:ffff:1'],
    [ipv6(10, 0, 0, 10, 0, 0, 0, 10), 'a:0:0:a::a'],
  ])('writes the address %o as %s', (data, text) => {
    expect(read(TYPE.AAAA, data)).toMatchObject({ type: 'AAAA', name: 'x.example', data: text });
  });

  it.each([
    ['an address of three octets', TYPE.A, Buffer.from([192, 0, 2])],
    ['an address of five', TYPE.A, Buffer.from([192, 0, 2, 1, 1])],
    ['an IPv6 address of four', TYPE.AAAA, Buffer.from([192, 0, 2, 1])],
    ['an alias of nothing', TYPE.CNAME, Buffer.alloc(0)],
    ['an alias with something behind it', TYPE.CNAME, Buffer.concat([host, Buffer.from([0])])],
    ['a name that is cut', TYPE.PTR, host.subarray(0, -1)],
    ['a preference without a name', TYPE.MX, Buffer.from([0, 10])],
    ['half a preference', TYPE.MX, Buffer.from([0])],
    ['a mail host with something behind it', TYPE.MX, Buffer.concat([Buffer.from([0, 1]), host, host])],
    ['a string longer than the data', TYPE.TXT, Buffer.from([3, 0x61, 0x62])],
    ['a second string longer than the data', TYPE.TXT, Buffer.from([1, 0x61, 3, 0x62])],
  ])('finds %s malformed', (_, type, data) => {
    expect(read(type, data)).toBeUndefined();
    // What follows the record must not complete it.
    const packet = Buffer.concat([recordOctets({ owner, type, data }), Buffer.alloc(300)]);
    const names = new NameReader(packet);
    const head = readHead(packet, names, 0);
    expect(head && readRecord(packet, names, head)).toBeUndefined();
  });

  it('does not look into what nobody asked for', () => {
    expect(read(TYPE.OTHER, Buffer.from([0xc0, 0xff]))).toBe('other');
    expect(read(TYPE.A, Buffer.from([1]), { class: 3 })).toBe('other');
  });

  it('does not go beyond the packet', () => {
    expect(read(TYPE.OTHER, Buffer.from([1, 2, 3]), { length: 4 })).toBeUndefined();
    const packet = recordOctets({ owner, type: TYPE.A, data: Buffer.alloc(0) });
    for (let cut = 1; cut <= packet.length; cut++) {
      const short = packet.subarray(0, packet.length - cut);
      expect(readHead(short, new NameReader(short), 0)).toBeUndefined();
    }
  });

  it('takes a time with the top bit for none', () => {
    expect(read(TYPE.A, Buffer.alloc(4), { ttl: 0x8000_0000 })).toMatchObject({ ttlSeconds: 0 });
    expect(read(TYPE.A, Buffer.alloc(4), { ttl: 0x7fff_ffff })).toMatchObject({ ttlSeconds: 0x7fff_ffff });
  });

  it('believes in absence for the lesser of the two times of an SOA', () => {
    const numbers = Buffer.alloc(20);
    numbers.writeUInt32BE(90, 16);
    expect(negativeTtl(Buffer.concat([host, owner, numbers]))).toBe(60);
    expect(negativeTtl(Buffer.concat([host, owner, numbers]), 300)).toBe(90);
    expect(negativeTtl(Buffer.concat([host, owner, numbers.subarray(1)]))).toBeUndefined();
    expect(negativeTtl(Buffer.concat([host, owner, numbers, Buffer.alloc(1)]))).toBeUndefined();
    expect(negativeTtl(host)).toBeUndefined();
  });
});
