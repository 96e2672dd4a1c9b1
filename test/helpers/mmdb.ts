/**
 * Writes small MaxMind DB files, so that tests need no published database.
 *
 *     writeMmdb({ '192.0.2.0/24': { country: { iso_code: 'DE' } } }, { ipVersion: 6 })
 *
 * Values are objects, lists, strings and whole numbers, which is what readers look at. Equal values
 * are written once, as in published databases.
 */
import { formatIpAddress, parseIpAddress } from '../../src/dns/ip-address.js';

type Value = string | number | readonly Value[] | { readonly [key: string]: Value };
type Node = [Branch, Branch];
type Branch = Node | Buffer | undefined;

const MARKER = Buffer.from('\xab\xcd\xefMaxMind.com', 'latin1');

export interface MmdbOptions {
  /** 6 holds both families, IPv4 under ::/96. Default 6. */
  readonly ipVersion?: 4 | 6;
  readonly builtAtSeconds?: number;
  /** Bits of one side of a node. Default 24. */
  readonly recordSize?: 24 | 28 | 32;
  /** Default `Test-Country`. */
  readonly type?: string;
  /** Octets that are missing at the end of the data, while the description is whole. Default 0. */
  readonly missingData?: number;
}

export function writeMmdb(networks: Readonly<Record<string, Value>>, options: MmdbOptions = {}): Buffer {
  const ipVersion = options.ipVersion ?? 6;
  const root: Node = [undefined, undefined];
  for (const [network, value] of Object.entries(networks))
    insert(root, bitsOf(network, ipVersion), encode(value));

  const nodes: Node[] = [];
  const number = new Map<Node, number>();
  const walk = (node: Node): void => {
    number.set(node, nodes.length);
    nodes.push(node);
    for (const branch of node) if (Array.isArray(branch)) walk(branch);
  };
  walk(root);

  const records: Buffer[] = [];
  const places = new Map<string, number>();
  let size = 0;
  const pointerTo = (branch: Branch): number => {
    if (branch === undefined) return nodes.length;
    if (Array.isArray(branch)) return number.get(branch) ?? nodes.length;
    const key = branch.toString('latin1');
    const place = places.get(key) ?? size;
    if (!places.has(key)) {
      places.set(key, place);
      records.push(branch);
      size += branch.length;
    }
    return nodes.length + 16 + place;
  };
  const recordSize = options.recordSize ?? 24;
  const tree = Buffer.concat(
    nodes.map(([left, right]) => writeNode(pointerTo(left), pointerTo(right), recordSize)),
  );
  const metadata = encode({
    binary_format_major_version: 2,
    binary_format_minor_version: 0,
    build_epoch: options.builtAtSeconds ?? 1_700_000_000,
    database_type: options.type ?? 'Test-Country',
    ip_version: ipVersion,
    node_count: nodes.length,
    record_size: recordSize,
  });
  const data = Buffer.concat(records);
  const kept = data.subarray(0, data.length - (options.missingData ?? 0));
  return Buffer.concat([tree, Buffer.alloc(16), kept, MARKER, metadata]);
}

function writeNode(left: number, right: number, recordSize: 24 | 28 | 32): Buffer {
  const node = Buffer.alloc(recordSize / 4);
  if (recordSize === 32) {
    node.writeUInt32BE(left, 0);
    node.writeUInt32BE(right, 4);
    return node;
  }
  node.writeUIntBE(left % 2 ** 24, 0, 3);
  node.writeUIntBE(right % 2 ** 24, node.length - 3, 3);
  // Of 28 bits the highest four of both sides share the octet in the middle.
  if (recordSize === 28) node[3] = (Math.floor(left / 2 ** 24) << 4) | Math.floor(right / 2 ** 24);
  return node;
}

function bitsOf(network: string, ipVersion: 4 | 6): number[] {
  const [text = '', length = ''] = network.split('/');
  const address = parseIpAddress(text);
  if (!address) throw new Error(`${network} is no network`);
  if (ipVersion === 4 && address.family === 6)
    throw new Error(`${formatIpAddress(address)} needs ipVersion 6`);
  const bits = address.octets.flatMap((octet) => [7, 6, 5, 4, 3, 2, 1, 0].map((bit) => (octet >> bit) & 1));
  const own = bits.slice(0, Number(length));
  return ipVersion === 6 && address.family === 4 ? [...new Array<number>(96).fill(0), ...own] : own;
}

function insert(root: Node, bits: readonly number[], value: Buffer): void {
  let node = root;
  bits.forEach((bit, index) => {
    const side = bit === 0 ? 0 : 1;
    if (index === bits.length - 1) {
      node[side] = value;
      return;
    }
    const next = node[side];
    const child: Node = Array.isArray(next) ? next : [undefined, undefined];
    node[side] = child;
    node = child;
  });
}

/** Types of the format: 2 text, 6 unsigned 32 bits, 7 map, 11 list. */
function encode(value: Value): Buffer {
  if (typeof value === 'string')
    return Buffer.concat([control(2, Buffer.byteLength(value)), Buffer.from(value)]);
  if (typeof value === 'number') {
    const octets = Buffer.alloc(4);
    octets.writeUInt32BE(value, 0);
    return Buffer.concat([control(6, 4), octets]);
  }
  if (Array.isArray(value)) {
    const list = value as readonly Value[];
    return Buffer.concat([control(0, list.length), Buffer.from([11 - 7]), ...list.map(encode)]);
  }
  const entries = Object.entries(value);
  return Buffer.concat([
    control(7, entries.length),
    ...entries.flatMap(([key, one]) => [encode(key), encode(one)]),
  ]);
}

function control(type: number, size: number): Buffer {
  if (size < 29) return Buffer.from([(type << 5) | size]);
  if (size < 285) return Buffer.from([(type << 5) | 29, size - 29]);
  return Buffer.from([(type << 5) | 30, (size - 285) >> 8, (size - 285) & 0xff]);
}
