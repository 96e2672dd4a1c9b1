/**
 * Block lists that an operator most likely wants to hear about.
 *
 * For a look at where an address is listed; no list is ever asked about mail because it is here.
 * Zones of IPv4 addresses that the public may ask; some of them refuse the questions of large
 * public resolvers.
 *
 * Callers: cli.
 */
export const WELL_KNOWN_LISTS: readonly string[] = [
  'zen.spamhaus.org',
  'bl.spamcop.net',
  'b.barracudacentral.org',
  'psbl.surriel.com',
  'bl.mailspike.net',
  'dnsbl.dronebl.org',
  'ix.dnsbl.manitu.net',
  'dnsbl-1.uceprotect.net',
  'all.s5h.net',
];
