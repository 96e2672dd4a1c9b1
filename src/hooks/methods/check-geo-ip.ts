/**
 * checkGeoIp: which country and whose network does the client's address belong to, and is it banned.
 *
 * The banned list wins; a list of allowed countries excludes everything else; an address without
 * a country is not banned by a ban. Without a database the result is empty and nothing is banned.
 * The autonomous system has no variables; it comes with the answer.
 * ActionGeoIPBan is remembered for the policy; setting smtpAction stays the policy's decision.
 *
 * Callers: methods/index.
 */
import { type AsnReader, checkGeoIp, countryListFault, type GeoReader } from '../../checks/geo-ip.js';
import { type Method, type MethodCall, misuse } from './method.js';
import type { GeoIpAnswer } from './signatures.js';
import { itself, told, type TellDeps } from './told-check.js';

const INPUTS = ['AllowedCountries', 'BannedCountries', 'ActionGeoIPBan'] as const;

export interface GeoMethodDeps extends TellDeps {
  /** The country database in force; undefined without one. */
  readonly geo: () => GeoReader | undefined;
  /** The database of autonomous systems in force; undefined without one. */
  readonly asn?: () => AsnReader | undefined;
}

/** A list with something that is no code is misuse: it would ban nobody, or everybody. */
function countryList(call: MethodCall, name: 'AllowedCountries' | 'BannedCountries'): string {
  const list = String(call.read(name) ?? '');
  const fault = countryListFault(list);
  if (fault !== '') throw misuse(call, `cannot use ${name}: ${fault}`);
  return list;
}

export function checkGeoIpMethod(deps: GeoMethodDeps): Method {
  return async (call, [lists]): Promise<GeoIpAnswer> => {
    if (lists !== undefined) {
      if (typeof lists !== 'object' || lists === null)
        throw misuse(call, 'takes { AllowedCountries, BannedCountries }');
      for (const [name, value] of Object.entries(lists)) {
        const input = INPUTS.find((known) => known === name);
        if (input === undefined) throw misuse(call, `has no argument "${name}"; known: ${INPUTS.join(', ')}`);
        call.input(input, value);
      }
    }
    const allowedCountries = countryList(call, 'AllowedCountries');
    const bannedCountries = countryList(call, 'BannedCountries');
    const asking = checkGeoIp(
      { reader: deps.geo(), asnReader: deps.asn?.() },
      { ip: String(call.read('remoteSmtpIp') ?? ''), allowedCountries, bannedCountries },
    );
    const outcome = await told(deps, 'geoip', asking, itself);
    const answer: GeoIpAnswer = {
      GeoIPResult: outcome.country,
      IsGeoIPBanned: outcome.banned ? 'yes' : 'no',
      status: outcome.status,
      asn: outcome.asn,
      asnOrganization: outcome.asnOrganization,
    };
    call.fill('GeoIPResult', answer.GeoIPResult);
    call.fill('IsGeoIPBanned', answer.IsGeoIPBanned);
    return answer;
  };
}
