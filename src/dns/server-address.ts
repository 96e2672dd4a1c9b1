/**
 * Addresses of DNS servers: as an operator writes them, and as the system lists them.
 *
 * Callers: the UDP resolver, app. Reading the system's file is the caller's business; without a
 * usable line in it the server is the local host, as the C library holds it.
 */
import { isIP } from 'node:net';

export interface DnsServer {
  readonly address: string;
  readonly port: number;
}

const DNS_PORT = 53;
/** The C library asks no more than three either. */
const MOST_SYSTEM_SERVERS = 3;

/** `192.0.2.1`, `192.0.2.1:5353`, `2001:db8::1` or `[2001:db8::1]:5353`; anything else gives `undefined`. */
export function parseDnsServer(text: string): DnsServer | undefined {
  const trimmed = text.trim();
  if (isIP(trimmed) !== 0) return { address: trimmed, port: DNS_PORT };
  const parts = /^(\[[^\]]*\]|[\d.]+)(?::(\d{1,5}))?$/.exec(trimmed);
  if (!parts) return undefined;
  const [, host = '', port = String(DNS_PORT)] = parts;
  const address = host.startsWith('[') ? host.slice(1, -1) : host;
  const family = host.startsWith('[') ? 6 : 4;
  return isIP(address) === family && isPort(Number(port)) ? { address, port: Number(port) } : undefined;
}

function isPort(port: number): boolean {
  return port >= 1 && port <= 65_535;
}

/** The `nameserver` lines of a resolv.conf, in the form that `createUdpResolver` takes. */
export function systemDnsServers(resolvConf: string): readonly string[] {
  const servers: string[] = [];
  for (const line of resolvConf.split(/\r?\n/)) {
    const [word, address = ''] = line.trim().split(/\s+/, 2);
    if (word === 'nameserver' && isIP(address) !== 0) servers.push(address);
  }
  return servers.length > 0 ? servers.slice(0, MOST_SYSTEM_SERVERS) : ['127.0.0.1'];
}
