/**
 * A country database that is exchanged below a running server: for another one, for one that is cut
 * short, and for none.
 */
import { renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { eventually } from '../helpers/eventually.js';
import { writeMmdb } from '../helpers/mmdb.js';
import { connectPeer } from '../helpers/smtp-peer.js';
import { startPostern } from '../helpers/start-postern.js';
import { policyText, tempProject } from '../helpers/temp-project.js';

const POLICY = policyText(
  'countries',
  `async onMailFrom(ctx) {
    const { asn, asnOrganization } = await ctx.checkGeoIp({ BannedCountries: 'fr ch' });
    if (asn !== 64496 || asnOrganization !== 'Example') ctx.smtpAction = 'reject';
  },`,
);

const database = (country: string): Buffer =>
  writeMmdb({ '127.0.0.0/8': { country: { iso_code: country } } });

function swap(path: string, octets: Buffer): void {
  writeFileSync(`${path}.new`, octets);
  renameSync(`${path}.new`, path);
}

async function answered(port: number): Promise<string> {
  const peer = await connectPeer(port);
  onTestFinished(() => {
    peer.destroy();
  });
  await peer.reply();
  await peer.say('EHLO c.test');
  return (await peer.say('MAIL FROM:<a@client.example>')).lines[0] ?? '';
}

it('takes over what can be used, and keeps what it has otherwise', async () => {
  const project = tempProject({ 'policies/countries.ts': POLICY });
  const path = join(project.folder, 'country.mmdb');
  writeFileSync(path, database('DE'));
  writeFileSync(
    join(project.folder, 'asn.mmdb'),
    writeMmdb({
      '127.0.0.0/8': { autonomous_system_number: 64496, autonomous_system_organization: 'Example' },
    }),
  );
  const postern = await startPostern({
    cwd: project.folder,
    settings: { 'geoip.country': path, 'geoip.asn': './asn.mmdb' },
  });
  expect(await answered(postern.port)).toMatch(/^250 /);

  swap(path, database('FR'));
  const said = await eventually('the new database', async () => {
    const line = await answered(postern.port);
    return line.startsWith('550 ') ? line : undefined;
  });
  expect(said).toMatch(/^550 5\.7\.1 .*127\.0\.0\.1.*\(FR\)/);

  let from = postern.log().length;
  swap(path, database('DE').subarray(0, 100));
  await postern.logged(/GeoIP database cannot be used/, from);
  expect(await answered(postern.port)).toMatch(/^550 .*\(FR\)/);

  from = postern.log().length;
  rmSync(path);
  await postern.logged(/GeoIP database cannot be used/, from);
  expect(await answered(postern.port)).toMatch(/^550 .*\(FR\)/);

  swap(path, database('AT'));
  await eventually('the last database', async () => (await answered(postern.port)).startsWith('250 '));
  expect(postern.log().match(/GeoIP database cannot be used/g)).toHaveLength(2);
  const metrics = await (await fetch(`http://127.0.0.1:${postern.metricsPort}/metrics`)).text();
  expect(metrics).toContain('postern_geoip_files_total{setting="geoip.country",result="refused"} 2');
  expect(metrics).toContain('postern_geoip_files_total{setting="geoip.country",result="loaded"} 3');
  expect(metrics).toContain('postern_geoip_files_total{setting="geoip.asn",result="loaded"} 1');
});
