/**
 * Whether an address belongs to one of the trusted networks.
 *
 * Callers: session.ts, once per connection. Networks come from the checked configuration; a text
 * that is none of them matches nothing.
 */
import { BlockList, isIP } from 'node:net';

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
  return networks.length > 0 && isIP(address) !== 0 && listOf(networks).check(address, familyOf(address));
}
