import { mkdirSync, renameSync, rmSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { type GeoFileDeps, watchGeoFile } from '../../../src/app/geo-file.js';
import { openGeoFile } from '../../../src/checks/geo-ip-reader.js';
import { createFactBus } from '../../../src/core/facts.js';
import { createFakeClock } from '../../helpers/fake-clock.js';
import { eventually } from '../../helpers/eventually.js';
import { writeMmdb } from '../../helpers/mmdb.js';
import { tempFolder } from '../../helpers/temp-folder.js';

const database = (country: string): Buffer => writeMmdb({ '192.0.2.0/24': { country_code: country } });

async function watched(prepare: (path: string) => void = () => undefined) {
  const path = join(tempFolder(), 'country.mmdb');
  prepare(path);
  const clock = createFakeClock();
  const told: string[] = [];
  const facts: GeoFileDeps['facts'] = createFactBus((error) => {
    throw error;
  });
  facts.subscribe('geoip.loaded', ({ type }) => told.push(`loaded ${type}`));
  facts.subscribe('geoip.kept', () => told.push('kept'));
  const file = await watchGeoFile('geoip.country', path, openGeoFile, { clock, facts });
  onTestFinished(() => {
    file.close();
  });
  const country = (): unknown => file.inForce()?.lookup('192.0.2.1');
  /** Moves time until `told` has so many lines; each look waits for the real file system. */
  const until = async (lines: number): Promise<void> => {
    await eventually(`${lines} reports`, async () => {
      await clock.advance(1000);
      return told.length === lines;
    });
  };
  return { path, told, country, until, clock, file };
}

/** Puts a file in the place of another in one step, as those who publish databases advise. */
function swap(path: string, octets: Buffer): void {
  writeFileSync(`${path}.new`, octets);
  renameSync(`${path}.new`, path);
}

describe('a watched GeoIP file', () => {
  it('is exchanged when another takes its place', async () => {
    const { path, told, country, until } = await watched((at) => {
      writeFileSync(at, database('DE'));
    });
    expect(country()).toMatchObject({ country: 'DE' });
    swap(path, database('FR'));
    await until(2);
    expect(told).toEqual(['loaded Test-Country', 'loaded Test-Country']);
    expect(country()).toMatchObject({ country: 'FR' });
  });

  it('stays in force when the new one is broken, cut, empty or gone, which is told once each', async () => {
    const { path, told, country, until, clock } = await watched((at) => {
      writeFileSync(at, database('DE'));
    });
    let lines = 1;
    for (const broken of [
      'not a database',
      '',
      database('FR').subarray(0, 90),
      database('FR').subarray(90),
    ]) {
      swap(path, Buffer.from(broken));
      await until((lines += 1));
      await clock.advance(10_000);
      expect(told.at(-1)).toBe('kept');
      expect(country()).toMatchObject({ country: 'DE' });
    }
    rmSync(path);
    await until((lines += 1));
    await clock.advance(10_000);
    expect(told).toHaveLength(lines);
    expect(country()).toMatchObject({ country: 'DE' });
    swap(path, database('CH'));
    await until(lines + 1);
    expect(country()).toMatchObject({ country: 'CH' });
  });

  it('comes into force later when it was missing or broken at the start', async () => {
    for (const prepare of [() => undefined, (at: string) => writeFileSync(at, 'broken')]) {
      const { path, told, country, until } = await watched(prepare);
      expect(told).toEqual(['kept']);
      expect(country()).toBeUndefined();
      swap(path, database('DE'));
      await until(2);
      expect(country()).toMatchObject({ country: 'DE' });
    }
  });

  it('is followed through a link', async () => {
    const { path, country, until } = await watched((at) => {
      for (const version of ['one', 'two']) mkdirSync(join(at, '..', version));
      writeFileSync(join(at, '../one/db'), database('DE'));
      writeFileSync(join(at, '../two/db'), database('FR'));
      utimesSync(join(at, '../two/db'), 1, 1);
      symlinkSync('one/db', at);
    });
    expect(country()).toMatchObject({ country: 'DE' });
    symlinkSync('two/db', `${path}.new`);
    renameSync(`${path}.new`, path);
    await until(2);
    expect(country()).toMatchObject({ country: 'FR' });
  });

  it('is not looked at when none is set, nor after the end', async () => {
    const { clock, file } = await watched((at) => {
      writeFileSync(at, database('DE'));
    });
    expect(clock.pending()).toBe(1);
    file.close();
    expect(clock.pending()).toBe(0);
    const facts = createFactBus(() => undefined);
    const none = await watchGeoFile('geoip.asn', '', openGeoFile, { clock, facts });
    expect(none.inForce()).toBeUndefined();
    expect(clock.pending()).toBe(0);
  });
});
