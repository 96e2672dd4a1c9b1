import { describe, expect, it } from 'vitest';
import { type GeoReader, checkGeoIp } from '../../../src/checks/geo-ip.js';

const reader: GeoReader = {
  lookup: (ip) => (ip === '192.0.2.1' ? { country: 'DE', continent: 'EU', prefixLength: 24 } : undefined),
};
const known = '192.0.2.1';
const unknown = '198.51.100.1';

describe('GeoIP', () => {
  it('finds the country', async () => {
    expect(await checkGeoIp({ reader }, { ip: known })).toEqual({
      status: 'found',
      country: 'DE',
      continent: 'EU',
      banned: false,
      explanation: '',
      evidence: ['192.0.2.1: DE (/24)'],
    });
    expect(await checkGeoIp({ reader }, { ip: unknown })).toMatchObject({
      status: 'unknown',
      country: '',
      banned: false,
    });
  });

  it.each([
    [known, '', 'fr de', true],
    [known, '', 'FR,DE', true],
    [known, '', 'FR', false],
    [known, 'de', '', false],
    [known, 'US, de;fr', '', false],
    [known, 'US', '', true],
    [known, 'DE', 'DE', true],
    [known, ' , ', ' ', false],
    [unknown, '', 'DE', false],
    [unknown, 'DE', '', true],
  ])('%s with allowed %j and banned %j: %s', async (ip, allowedCountries, bannedCountries, banned) => {
    const outcome = await checkGeoIp({ reader }, { ip, allowedCountries, bannedCountries });
    expect(outcome.banned).toBe(banned);
    expect(outcome.explanation === '').toBe(!banned);
  });

  it('bans nobody without a database', async () => {
    expect(await checkGeoIp({ reader: undefined }, { ip: known, allowedCountries: 'US' })).toMatchObject({
      status: 'unavailable',
      country: '',
      banned: false,
    });
  });
});
