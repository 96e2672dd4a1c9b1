/**
 * The databases that checkGeoIp asks, as the settings name them.
 *
 * Callers: app/compose-policies.
 */
import { type AsnFile, type GeoFile, openAsnFile, openGeoFile } from '../checks/geo-ip-reader.js';
import type { Logger } from '../core/log.js';
import type { Config } from './config-types.js';
import { type GeoFileDeps, watchGeoFile } from './geo-file.js';
import type { Teardown } from './teardown.js';

export interface GeoDatabases {
  readonly geo: () => GeoFile | undefined;
  readonly asn: () => AsnFile | undefined;
}

/** Opens both and watches their files until the teardown. Never rejects. */
export async function composeGeo(
  { geoip }: Config,
  deps: GeoFileDeps & { readonly log: Logger },
  teardown: Teardown,
): Promise<GeoDatabases> {
  const country = await watchGeoFile('geoip.country', geoip.country, openGeoFile, deps);
  const asn = await watchGeoFile('geoip.asn', geoip.asn, openAsnFile, deps);
  teardown.add('GeoIP', () => {
    country.close();
    asn.close();
  });
  if (geoip.country === '') deps.log.info('no GeoIP database is set; checkGeoIp finds and bans nobody');
  return { geo: country.inForce, asn: asn.inForce };
}
