import { describe, expect, it } from 'vitest';
import { type AsnReader, type GeoReader, checkGeoIp } from '../../../src/checks/geo-ip.js';

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
      asn: 0,
      asnOrganization: '',
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

  it('bans nobody where the database is damaged, and says so', async () => {
    const broken: GeoReader = { lookup: () => ({ damage: 'out of range' }) };
    expect(await checkGeoIp({ reader: broken }, { ip: known, allowedCountries: 'US' })).toMatchObject({
      status: 'damaged',
      country: '',
      banned: false,
      explanation: 'the GeoIP database is damaged: out of range',
    });
  });

  it('finds the autonomous system, with or without a country', async () => {
    const asnReader: AsnReader = {
      lookup: (ip) => (ip === known ? { asn: 64496, organization: 'Example', prefixLength: 23 } : undefined),
    };
    const found = { asn: 64496, asnOrganization: 'Example' };
    expect(await checkGeoIp({ reader, asnReader }, { ip: known })).toMatchObject({
      ...found,
      country: 'DE',
      evidence: ['192.0.2.1: DE (/24)', '192.0.2.1: AS64496 Example (/23)'],
    });
    expect(await checkGeoIp({ reader: undefined, asnReader }, { ip: known })).toMatchObject(found);
    expect(await checkGeoIp({ reader, asnReader }, { ip: unknown })).toMatchObject({ asn: 0 });
    const broken: AsnReader = { lookup: () => ({ damage: 'out of range' }) };
    expect(await checkGeoIp({ reader, asnReader: broken }, { ip: known })).toMatchObject({
      status: 'found',
      asn: 0,
      evidence: ['192.0.2.1: DE (/24)', '192.0.2.1: the ASN database is damaged: out of range'],
    });
  });
});
