/** Writes PROXY headers, right ones and wrong ones, as a proxy would send them. */
import { isIPv4 } from 'node:net';

export interface ProxyPair {
  readonly source: { readonly address: string; readonly port: number };
  readonly destination: { readonly address: string; readonly port: number };
}

const SIGNATURE = Buffer.from('0d0a0d0a000d0a515549540a', 'hex');

export function proxyLine({ source, destination }: ProxyPair): Buffer {
  const protocol = isIPv4(source.address) ? 'TCP4' : 'TCP6';
  const words = ['PROXY', protocol, source.address, destination.address, source.port, destination.port];
  return Buffer.from(`${words.join(' ')}\r\n`, 'latin1');
}

/** The 4 or 16 octets of an address; a mixed notation with dots is not understood. */
export function addressOctets(address: string): Buffer {
  if (isIPv4(address)) return Buffer.from(address.split('.').map(Number));
  const [head = '', tail] = address.split('::');
  const groups = (text: string): string[] => (text === '' ? [] : text.split(':'));
  const front = groups(head);
  const back = tail === undefined ? [] : groups(tail);
  const all = [...front, ...new Array<string>(8 - front.length - back.length).fill('0'), ...back];
  return Buffer.from(all.map((group) => group.padStart(4, '0')).join(''), 'hex');
}

/** One extension: type, length, value. */
export function proxyExtension(type: number, value: Buffer | string): Buffer {
  const octets = Buffer.from(value);
  return Buffer.concat([Buffer.from([type, octets.length >> 8, octets.length & 0xff]), octets]);
}

/** Any header of version 2 around a block of octets. */
export function proxyBlock(versionAndCommand: number, family: number, block: Buffer): Buffer {
  const fixed = Buffer.from([versionAndCommand, family, block.length >> 8, block.length & 0xff]);
  return Buffer.concat([SIGNATURE, fixed, block]);
}

export function proxyBinary({ source, destination }: ProxyPair, ...extensions: Buffer[]): Buffer {
  const ports = Buffer.alloc(4);
  ports.writeUInt16BE(source.port, 0);
  ports.writeUInt16BE(destination.port, 2);
  const block = [addressOctets(source.address), addressOctets(destination.address), ports, ...extensions];
  return proxyBlock(0x21, isIPv4(source.address) ? 0x11 : 0x21, Buffer.concat(block));
}
