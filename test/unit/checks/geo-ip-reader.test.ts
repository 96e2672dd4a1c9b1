import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { type AsnFile, type GeoFile, openAsnFile, openGeoFile } from '../../../src/checks/geo-ip-reader.js';
import { writeMmdb } from '../../helpers/mmdb.js';
import { tempFolder } from '../../helpers/temp-folder.js';

async function written(octets: Buffer): Promise<string> {
  const path = join(tempFolder(), 'some.mmdb');
  await writeFile(path, octets);
  return path;
}

async function country(octets: Buffer): Promise<GeoFile> {
  const opening = await openGeoFile(await written(octets));
  if (opening.status !== 'opened') throw new Error(opening.reason);
  return opening.file;
}

async function asn(octets: Buffer): Promise<AsnFile> {
  const opening = await openAsnFile(await written(octets));
  if (opening.status !== 'opened') throw new Error(opening.reason);
  return opening.file;
}

const NETWORKS = {
  '192.0.2.0/24': { continent: { code: 'EU' }, country: { iso_code: 'DE' } },
  '198.51.100.0/24': { registered_country: { iso_code: 'US' } },
  '203.0.113.0/24': { continent: { code: 'EU' } },
  '2001:db8::/32': { country: { iso_code: 'fr' } },
};

describe('a country database', () => {
  it.each([24, 28, 32] as const)(
    'with records of %i bits is read with the names of MaxMind',
    async (recordSize) => {
      const file = await country(writeMmdb(NETWORKS, { recordSize }));
      expect(file.lookup('192.0.2.77')).toEqual({ country: 'DE', continent: 'EU', prefixLength: 24 });
      expect(file.lookup('::ffff:192.0.2.77')).toMatchObject({ country: 'DE' });
      expect(file.lookup('198.51.100.1')).toMatchObject({ country: 'US', continent: '' });
      expect(file.lookup('2001:db8::1')).toEqual({ country: 'FR', continent: '', prefixLength: 32 });
      expect(file.lookup('203.0.113.1')).toBeUndefined();
      expect(file.lookup('10.0.0.1')).toBeUndefined();
      expect(file.lookup('not an address')).toBeUndefined();
      expect(file.record('203.0.113.1')).toEqual({ continent: { code: 'EU' } });
      expect(file.record('10.0.0.1')).toBeUndefined();
      expect(file.record('not an address')).toBeUndefined();
      expect(file.about).toEqual({ type: 'Test-Country', builtAt: 1_700_000_000_000, ipVersion: 6 });
    },
  );

  it('is read with flat field names too, and for IPv4 alone', async () => {
    const file = await country(
      writeMmdb({ '192.0.2.0/24': { country_code: 'AT', continent_code: 'EU' } }, { ipVersion: 4 }),
    );
    expect(file.lookup('192.0.2.1')).toMatchObject({ country: 'AT', continent: 'EU' });
    expect(file.lookup('2001:db8::1')).toBeUndefined();
  });

  it('fails to open when it is missing, empty, foreign, compressed or cut, and says so', async () => {
    const whole = writeMmdb(NETWORKS);
    expect(await openGeoFile(join(tempFolder(), 'none.mmdb'))).toMatchObject({ status: 'failed' });
    expect(await openGeoFile(tempFolder())).toMatchObject({ status: 'failed' });
    for (const octets of [
      Buffer.alloc(0),
      Buffer.from('hello'),
      gzipSync(whole),
      whole.subarray(0, whole.length - 40),
      whole.subarray(whole.length - 150),
    ]) {
      const opening = await openGeoFile(await written(octets));
      expect(opening).toMatchObject({ status: 'failed', reason: expect.stringMatching(/./) as unknown });
    }
  });

  it.each([1, 2, 5, 9, 17, 20, 60, 100])(
    'fails to open when %i octets of its data are missing',
    async (missingData) => {
      const octets = writeMmdb(NETWORKS, { missingData });
      expect(await openGeoFile(await written(octets))).toMatchObject({ status: 'failed' });
    },
  );

  it('opens or fails and never throws, wherever it is cut or changed', async () => {
    const whole = writeMmdb(NETWORKS);
    for (let at = 0; at < whole.length; at += 37) {
      const changed = Buffer.from(whole);
      changed.writeUInt8((whole[at] ?? 0) ^ 0xff, at);
      for (const octets of [whole.subarray(0, at), changed]) {
        const opening = await openGeoFile(await written(octets));
        if (opening.status === 'opened') opening.file.lookup('192.0.2.1');
      }
    }
  });

  it('fails to open when no record of it names a country, and says what it is', async () => {
    const systems = { '192.0.2.0/24': { autonomous_system_number: 64496 }, '2001:db8::/32': { asn: 1 } };
    const opening = await openGeoFile(await written(writeMmdb(systems, { type: 'Some-ASN' })));
    expect(opening).toEqual({
      status: 'failed',
      reason:
        'none of its records names a country, and it calls itself "Some-ASN"; put a database that does in its place',
    });
  });

  it.each([4, 6] as const)('of family %i fails to open when it knows no address', async (ipVersion) => {
    const networks = ipVersion === 4 ? { '192.0.2.0/24': { country_code: 'DE' } } : NETWORKS;
    const zeroed = writeMmdb(networks, { ipVersion });
    // The separator of 16 zeros stands behind the tree; what goes before it is the tree.
    zeroed.fill(0, 0, zeroed.indexOf(Buffer.alloc(16), 24) + 16);
    for (const octets of [writeMmdb({}, { ipVersion }), zeroed]) {
      const opening = await openGeoFile(await written(octets));
      expect(opening).toMatchObject({
        status: 'failed',
        reason: expect.stringMatching(/^it knows no address; put a whole one|^it is cut short/) as unknown,
      });
    }
  });

  it('opens when its countries come after thousands of networks without one', async () => {
    const many = Object.fromEntries<{ continent_code: string } | { country_code: string }>(
      Array.from({ length: 4000 }, (_, i) => [
        `10.${Math.floor(i / 200)}.${i % 200}.0/24`,
        { continent_code: 'EU' },
      ]),
    );
    many['192.0.2.1/32'] = { country_code: 'DE' };
    expect((await country(writeMmdb(many))).lookup('192.0.2.1')).toMatchObject({ country: 'DE' });
  });

  it('that is damaged is told in plain words', async () => {
    const broken = writeMmdb(NETWORKS);
    broken.fill(0xff, 0, 60);
    for (const octets of [Buffer.from('hello'), broken]) {
      expect(await openGeoFile(await written(octets))).toMatchObject({
        status: 'failed',
        reason: expect.stringMatching(
          /^it is damaged or no MMDB file \(.+\); put a whole one in its place$/,
        ) as unknown,
      });
    }
  });

  it('says at a lookup that it is damaged where the trial did not come, and tells it once', async () => {
    // What it has about this network is a text where fields should be.
    const many = Object.fromEntries<string | { country_code: string }>(
      Array.from({ length: 3000 }, (_, i) => [
        `10.${Math.floor(i / 200)}.${i % 200}.0/24`,
        i === 2999 ? 'no fields' : { country_code: 'DE' },
      ]),
    );
    const heard: string[] = [];
    const opening = await openGeoFile(await written(writeMmdb(many)), (reason) => heard.push(reason));
    if (opening.status !== 'opened') throw new Error(opening.reason);
    expect(opening.file.lookup('10.0.0.1')).toMatchObject({ country: 'DE' });
    expect(opening.file.lookup('10.14.199.1')).toEqual({ damage: expect.stringMatching(/./) as unknown });
    expect(opening.file.record('10.14.199.1')).toBeUndefined();
    expect(heard).toHaveLength(1);
  });
});

describe('a database of autonomous systems', () => {
  it.each([
    [{ autonomous_system_number: 64496, autonomous_system_organization: 'Example' }, 64496, 'Example'],
    [{ traits: { autonomous_system_number: 64496, autonomous_system_organization: 'Ex' } }, 64496, 'Ex'],
    [{ asn: 'AS64496', name: 'Example', domain: 'example.net' }, 64496, 'Example'],
    [{ asn: 'as64496', as_name: 'Example\r\nForged', country: 'DE' }, 64496, 'Example Forged'],
    [{ as_number: '64496', as_organization: 'Example' }, 64496, 'Example'],
    [{ asn: 4_294_967_295 }, 4_294_967_295, ''],
  ])('is read with the names of %j', async (record, number, organization) => {
    const file = await asn(writeMmdb({ '192.0.2.0/24': record }, { type: 'Test-ASN' }));
    expect(file.lookup('192.0.2.1')).toEqual({ asn: number, organization, prefixLength: 24 });
    expect(file.about.type).toBe('Test-ASN');
  });

  it.each([
    { asn: 0 },
    { asn: 'ASN' },
    { asn: '99999999999' },
    { asn: '4294967296' },
    { asn: [1] },
    { name: 'x' },
  ])('finds nothing in %j', async (record) => {
    const file = await asn(writeMmdb({ '192.0.2.0/24': record, '198.51.100.0/24': { asn: 1 } }));
    expect(file.lookup('192.0.2.1')).toBeUndefined();
  });

  it('fails to open when no record of it names one', async () => {
    expect(await openAsnFile(await written(writeMmdb(NETWORKS)))).toMatchObject({
      status: 'failed',
      reason: expect.stringContaining('none of its records names an autonomous system') as unknown,
    });
  });

  it('cuts a long name', async () => {
    const record = { asn: 1, name: 'x'.repeat(5000) };
    const file = await asn(writeMmdb({ '192.0.2.0/24': record }));
    expect(file.lookup('192.0.2.1')).toMatchObject({ organization: `${'x'.repeat(197)}...` });
  });
});
