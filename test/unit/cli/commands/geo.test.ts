import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { COMMANDS } from '../../../../src/cli/command-table.js';
import { runCli } from '../../../../src/cli/program.js';
import { writeMmdb } from '../../../helpers/mmdb.js';
import { tempFolder } from '../../../helpers/temp-folder.js';
import { createTerminalDouble } from '../../../helpers/terminal-double.js';

const COUNTRY = writeMmdb({
  '192.0.2.0/24': { continent: { code: 'EU' }, country: { iso_code: 'DE' } },
  '2001:db8::/32': { country_code: 'FR' },
});
const ASN = writeMmdb(
  {
    '192.0.0.0/16': { autonomous_system_number: 64496, autonomous_system_organization: 'Ex \u001b[31mample' },
  },
  { type: 'Test-ASN' },
);

async function run(files: { readonly country?: Buffer; readonly asn?: Buffer }, ...words: string[]) {
  const folder = tempFolder();
  const environment: Record<string, string> = {};
  for (const [name, octets] of Object.entries(files)) {
    const path = join(folder, `${name}.mmdb`);
    writeFileSync(path, octets);
    environment[`POSTERN_GEOIP__${name.toUpperCase()}`] = path;
  }
  const terminal = createTerminalDouble(folder, environment);
  const status = await runCli(['geo', ...words], terminal, COMMANDS);
  const shown = (text: string): string => text.replaceAll(folder, '.');
  return { status, out: shown(terminal.printed()), err: shown(terminal.complained()) };
}

describe('postern geo', () => {
  it('prints the country, the system, and where that comes from', async () => {
    const { status, out, err } = await run({ country: COUNTRY, asn: ASN }, '192.0.2.7');
    expect({ status, err }).toEqual({ status: 0, err: '' });
    expect(out.split('\n')).toEqual([
      '192.0.2.7: DE (continent EU) in a /24',
      '  database  ./country.mmdb (geoip.country)',
      '  type      Test-Country, built 2023-11-14T22:13:20.000Z',
      '  record    {"continent":{"code":"EU"},"country":{"iso_code":"DE"}}',
      '192.0.2.7: AS64496 Ex [31mample in a /16',
      '  database  ./asn.mmdb (geoip.asn)',
      '  type      Test-ASN, built 2023-11-14T22:13:20.000Z',
      '  record    {"autonomous_system_number":64496,"autonomous_system_organization":"Ex \\u001b[31mample"}',
    ]);
  });

  it('gives the same as JSON', async () => {
    const { status, out } = await run({ country: COUNTRY, asn: ASN }, '2001:db8::1', '-o', 'json');
    expect(status).toBe(1);
    expect(JSON.parse(out)).toMatchObject({
      ip: '2001:db8::1',
      databases: [
        {
          setting: 'geoip.country',
          file: './country.mmdb',
          type: 'Test-Country',
          builtAt: '2023-11-14T22:13:20.000Z',
          status: 'found',
          found: { country: 'FR', continent: '', prefixLength: 32 },
          record: { country_code: 'FR' },
        },
        { setting: 'geoip.asn', status: 'unknown' },
      ],
    });
  });

  it('ends with 1 when a database does not know', async () => {
    expect(await run({ country: COUNTRY }, '198.51.100.1')).toMatchObject({
      status: 1,
      out: expect.stringMatching(/^198\.51\.100\.1: unknown\n/) as unknown,
      err: '',
    });
  });

  it('names the settings when no database is set', async () => {
    const { status, out, err } = await run({}, '192.0.2.7');
    expect({ status, out }).toEqual({ status: 1, out: '' });
    expect(err).toMatch(/no GeoIP database is set\n.*geoip\.country, in geoip\.asn/);
  });

  it('says which file is cut, and still asks the other', async () => {
    const { status, out, err } = await run({ country: COUNTRY.subarray(0, 100), asn: ASN }, '192.0.2.7');
    expect(status).toBe(1);
    expect(out).toMatch(/^192\.0\.2\.7: AS64496/);
    expect(err).toMatch(/^postern: \.\/country\.mmdb \(geoip\.country\) cannot be used: ./);
    const inside = writeMmdb({ '192.0.2.0/24': { country_code: 'DE' } }, { missingData: 2 });
    expect(await run({ country: inside }, '192.0.2.7')).toMatchObject({
      status: 1,
      out: '',
      err: expect.stringContaining('it is cut short') as unknown,
    });
  });

  it.each([[[]], [['nobody']], [['192.0.2.1', 'more']], [['192.0.2.1', '-o', 'xml']]])(
    'refuses %j',
    async (words) => {
      const { status, out, err } = await run({ country: COUNTRY }, ...words);
      expect({ status, out }).toEqual({ status: 2, out: '' });
      expect(err).not.toBe('');
    },
  );
});
