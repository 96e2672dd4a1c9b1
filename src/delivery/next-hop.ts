/**
 * Where a route leads, read from one text: `maildir`, `smtp://mail.internal:25`,
 * `lmtp://127.0.0.1:24`, or `lmtp:///run/dovecot/lmtp` for a Unix socket (RFC 2033).
 *
 * The host is looked up by the system, as its other programs would: names of `/etc/hosts` and of
 * a container network count. No MX record is asked for.
 *
 * Callers: app (configuration), delivery/smtp. Nothing throws; a text that leads nowhere is a
 * reason, as the end of a sentence that begins with the setting's name.
 */
import { isIP } from 'node:net';

/** A socket to connect to, and what is spoken on it. */
export interface NextHop {
  readonly protocol: 'smtp' | 'lmtp';
  /** As messages show it; two texts for the same place give the same one. */
  readonly url: string;
  readonly place:
    | { readonly kind: 'tcp'; readonly host: string; readonly port: number }
    | { readonly kind: 'unix'; readonly path: string };
}

export type Destination =
  | { readonly status: 'maildir' }
  | { readonly status: 'next-hop'; readonly hop: NextHop }
  | { readonly status: 'wrong'; readonly reason: string };

const URL_FORM = /^([a-z]+):\/\/(.*)$/i;
const PLACE_FORM = /^(?:\[([0-9a-f:.]+)\]|([^[\]/:]+))(?::(\d{1,5}))?\/?$/i;
const HOST_NAME = /^(?=.{1,253}$)[a-z0-9](?:[a-z0-9_-]{0,62})(?:\.[a-z0-9](?:[a-z0-9_-]{0,62}))*$/;

const USUAL_PORTS = { smtp: 25, lmtp: 24 } as const;
const EXAMPLES = 'lmtp://127.0.0.1:24, smtp://mail.internal:25, lmtp:///run/lmtp.sock or maildir';
/** What the system allows for the name of a Unix socket, its end mark left out. */
const LONGEST_PATH = 107;

const wrong = (reason: string): Destination => ({ status: 'wrong', reason });

function unixSocket(protocol: NextHop['protocol'], path: string): Destination {
  if (protocol !== 'lmtp') return wrong('a Unix socket speaks LMTP; write lmtp:///path');
  if (Buffer.byteLength(path) > LONGEST_PATH)
    return wrong(`the path of a socket has at most ${LONGEST_PATH} octets`);
  return { status: 'next-hop', hop: { protocol, url: `lmtp://${path}`, place: { kind: 'unix', path } } };
}

function isHost(name: string): boolean {
  // What looks like an IPv4 address has to be one.
  return /^[\d.]+$/.test(name) ? isIP(name) === 4 : HOST_NAME.test(name);
}

function tcpSocket(protocol: NextHop['protocol'], text: string): Destination {
  const [, literal, name = '', digits] = PLACE_FORM.exec(text) ?? [];
  const host = (literal ?? name).toLowerCase();
  const isKnown = literal === undefined ? isHost(host) : isIP(host) === 6;
  if (!isKnown) {
    return wrong(`${JSON.stringify(text)} is no host with a port, such as 127.0.0.1:24 or [::1]:24`);
  }
  const port = digits === undefined ? USUAL_PORTS[protocol] : Number(digits);
  if (port < 1 || port > 65_535) return wrong(`expected a port from 1 to 65535, got ${port}`);
  const url = `${protocol}://${literal === undefined ? host : `[${host}]`}:${port}`;
  return { status: 'next-hop', hop: { protocol, url, place: { kind: 'tcp', host, port } } };
}

/** Reads the text of a setting. */
export function parseDestination(text: string): Destination {
  if (text.toLowerCase() === 'maildir') return { status: 'maildir' };
  const [, scheme, rest = ''] = URL_FORM.exec(text) ?? [];
  if (scheme === undefined) return wrong(`expected ${EXAMPLES}, got ${JSON.stringify(text)}`);
  const protocol = scheme.toLowerCase();
  if (protocol !== 'smtp' && protocol !== 'lmtp') {
    return wrong(`"${scheme}" is no way of delivery; expected ${EXAMPLES}`);
  }
  return rest.startsWith('/') ? unixSocket(protocol, rest) : tcpSocket(protocol, rest);
}

/** Whether what is sent there stays on this machine. */
export function staysHere({ place }: NextHop): boolean {
  if (place.kind === 'unix') return true;
  return (
    place.host === 'localhost' ||
    place.host === '::1' ||
    (isIP(place.host) === 4 && place.host.startsWith('127.'))
  );
}
