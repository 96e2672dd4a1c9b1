/**
 * Every documented method by name, with what it needs from the rest of the program.
 *
 * Adding a method: one file here, its row in the table, its signature, one line below. The type
 * makes a method without an implementation a compile error.
 *
 * Callers: app.
 */
import type { AsnReader, GeoReader } from '../../checks/geo-ip.js';
import type { GreylistStore } from '../../checks/greylist.js';
import type { RateStore } from '../../checks/rate.js';
import type { KeyRing } from '../../checks/signatures/signing-key.js';
import type { Clock } from '../../core/clock.js';
import type { FactBus } from '../../core/facts.js';
import type { Resolver } from '../../dns/resolver.js';
import type { MethodName } from '../table/index.js';
import { checkArcMethod } from './check-arc.js';
import { checkDkimMethod } from './check-dkim.js';
import { checkDmarcMethod } from './check-dmarc.js';
import { checkDnsblMethod } from './check-dnsbl.js';
import { checkGeoIpMethod } from './check-geo-ip.js';
import { checkGreylistMethod } from './check-greylist.js';
import { checkRateMethod } from './check-rate.js';
import { checkReverseDnsMethod } from './check-reverse-dns.js';
import { checkSenderMxMethod } from './check-sender-mx.js';
import { checkSpfMethod } from './check-spf.js';
import { addFilter, executeFilters } from './filters.js';
import * as headers from './headers.js';
import type { Method } from './method.js';
import { addRcpt, discardRcpt } from './recipients.js';
import { signDkimMethod } from './sign-dkim.js';

export interface MethodDeps {
  readonly resolver: Resolver;
  readonly clock: Clock;
  readonly facts: FactBus;
  /** Where greylist and rate counters are kept. */
  readonly store: GreylistStore & RateStore;
  /** Name of this host, as checks quote it. */
  readonly hostname: string;
  /** The GeoIP database in force; undefined without one. */
  readonly geo: () => GeoReader | undefined;
  /** The database of autonomous systems in force; undefined without one. */
  readonly asn?: () => AsnReader | undefined;
  /** Keys with which messages can be signed; left out: there are none. */
  readonly signingKeys?: () => KeyRing;
}

export function createMethods(deps: MethodDeps): Readonly<Record<MethodName, Method>> {
  return {
    checkDNSBL: checkDnsblMethod(deps),
    checkSPF: checkSpfMethod(deps),
    checkReverseDNS: checkReverseDnsMethod(deps),
    checkSenderMX: checkSenderMxMethod(deps),
    checkDKIM: checkDkimMethod(deps),
    checkDMARC: checkDmarcMethod(deps),
    checkARC: checkArcMethod(deps),
    checkGeoIp: checkGeoIpMethod(deps),
    checkGreylist: checkGreylistMethod(deps),
    checkRate: checkRateMethod(deps),
    signDKIM: signDkimMethod(deps),
    addFilter,
    executeFilters,
    addHeader: headers.addHeader,
    addIfNotExistsHeader: headers.addIfNotExistsHeader,
    removeFirstHeader: headers.removeFirstHeader,
    removeHeader: headers.removeHeader,
    modifyHeader: headers.modifyHeader,
    modifyIfExistsHeader: headers.modifyIfExistsHeader,
    addRcpt,
    discardRcpt,
  };
}
