import { mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type ReloadableGeoReader, openGeoReader } from '../../../src/checks/geo-ip-reader.js';
import { writeMmdb } from '../../helpers/mmdb.js';

let folder = '';
let path = '';
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'postern-geo-'));
  path = join(folder, 'country.mmdb');
});
afterEach(async () => {
  await rm(folder, { recursive: true });
});

async function open(octets: Buffer): Promise<ReloadableGeoReader> {
  await writeFile(path, octets);
  const opening = await openGeoReader(path);
  if (opening.status !== 'opened') throw new Error(opening.reason);
  return opening.reader;
}

const maxMind = writeMmdb({
  '192.0.2.0/24': { continent: { code: 'EU' }, country: { iso_code: 'DE' } },
  '198.51.100.0/24': { registered_country: { iso_code: 'US' } },
  '203.0.113.0/24': { continent: { code: 'EU' } },
  '2001:db8::/32': { country: { iso_code: 'fr' } },
});

describe('the GeoIP database', () => {
  it('is read with the field names of MaxMind', async () => {
    const reader = await open(maxMind);
    expect(reader.lookup('192.0.2.77')).toEqual({ country: 'DE', continent: 'EU', prefixLength: 24 });
    expect(reader.lookup('::ffff:192.0.2.77')).toMatchObject({ country: 'DE' });
    expect(reader.lookup('198.51.100.1')).toMatchObject({ country: 'US', continent: '' });
    expect(reader.lookup('2001:db8::1')).toMatchObject({ country: 'FR' });
    expect(reader.lookup('203.0.113.1')).toBeUndefined();
    expect(reader.lookup('10.0.0.1')).toBeUndefined();
    expect(reader.lookup('not an address')).toBeUndefined();
    expect(reader.builtAt).toBe(1_700_000_000_000);
  });

  it('is read with flat field names too, and for IPv4 alone', async () => {
    const reader = await open(
      writeMmdb({ '192.0.2.0/24': { country_code: 'AT', continent_code: 'EU' } }, { ipVersion: 4 }),
    );
    expect(reader.lookup('192.0.2.1')).toMatchObject({ country: 'AT', continent: 'EU' });
    expect(reader.lookup('2001:db8::1')).toBeUndefined();
  });

  it('fails to open when it is missing, empty, foreign or cut', async () => {
    expect(await openGeoReader(path)).toMatchObject({ status: 'failed' });
    for (const octets of [Buffer.alloc(0), Buffer.from('hello'), maxMind.subarray(0, maxMind.length - 40)]) {
      await writeFile(path, octets);
      expect(await openGeoReader(path)).toMatchObject({ status: 'failed' });
    }
  });

  it('takes a new file over, and keeps the old one when the new one is broken', async () => {
    const reader = await open(maxMind);
    expect(await reader.reload()).toEqual({ status: 'unchanged' });

    for (const broken of [Buffer.from('not a database'), maxMind.subarray(40), maxMind.subarray(0, 200)]) {
      await writeFile(`${path}.new`, broken);
      await rename(`${path}.new`, path);
      expect(await reader.reload()).toMatchObject({ status: 'kept' });
      expect(reader.lookup('192.0.2.1')).toMatchObject({ country: 'DE' });
    }
    await rm(path);
    expect(await reader.reload()).toMatchObject({ status: 'kept' });

    await writeFile(path, writeMmdb({ '192.0.2.0/24': { country: { iso_code: 'CH' } } }));
    const both = await Promise.all([reader.reload(), reader.reload()]);
    expect(both).toEqual([{ status: 'reloaded' }, { status: 'reloaded' }]);
    expect(reader.lookup('192.0.2.1')).toMatchObject({ country: 'CH' });
    expect(await reader.reload()).toEqual({ status: 'unchanged' });
  });
});
