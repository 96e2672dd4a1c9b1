/**
 * Whether an address belongs to one of the trusted networks.
 *
 * Callers: session.ts, once per connection. Networks come from the checked configuration; a text
 * that is none of them matches nothing, and UNKNOWN_ADDRESS is in no network, not even in
 * 0.0.0.0/0.
 */
import { BlockList, isIP } from 'node:net';

/**
 * Stands for the address of a client that a proxy or relay speaks for and does not know. What the
 * address of the proxy or relay itself may do is not for such a client.
 */
export const UNKNOWN_ADDRESS = '0.0.0.0';

const lists = new WeakMap<readonly string[], BlockList>();

function familyOf(address: string): 'ipv4' | 'ipv6' {
  return isIP(address) === 6 ? 'ipv6' : 'ipv4';
}

/** The networks as a list that answers at once; made once for each array of settings. */
function listOf(networks: readonly string[]): BlockList {
  const known = lists.get(networks);
  if (known) return known;
  const list = new BlockList();
  for (const network of networks) {
    const [address = '', prefix] = network.split('/');
    if (isIP(address) === 0) continue;
    if (prefix === undefined) list.addAddress(address, familyOf(address));
    else list.addSubnet(address, Number(prefix), familyOf(address));
  }
  lists.set(networks, list);
  return list;
}

export function isTrusted(address: string, networks: readonly string[]): boolean {
  if (networks.length === 0 || address === UNKNOWN_ADDRESS || isIP(address) === 0) return false;
  return listOf(networks).check(address, familyOf(address));
}
