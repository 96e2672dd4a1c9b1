/**
 * What a proxy tells about the TLS that it took off a connection.
 *
 * Walks the extensions of a PROXY header of version 2, which come as type, length and value, and
 * reads the one about TLS with its own extensions inside. Others are passed over. Texts that are
 * not printable ASCII come out empty: they end in logs and Received fields.
 *
 * Callers: proxy-header.ts. Format: the specification of HAProxy, §2.2.6. Nothing here throws.
 */

export interface ProxyTls {
  /** As the proxy writes it: `TLSv1.3`. Empty when it does not say. */
  readonly version: string;
  /** Name of the cipher; empty when the proxy does not say. */
  readonly cipher: string;
  /** Common name of the client's certificate; empty when there is none. */
  readonly clientName: string;
  /** Whether the client showed a certificate and the proxy found it right. */
  readonly verified: boolean;
}

const TYPE_TLS = 0x20;
const SUBTYPE_VERSION = 0x21;
const SUBTYPE_NAME = 0x22;
const SUBTYPE_CIPHER = 0x23;
/** One octet of flags and four that are zero when the client's certificate is right. */
const FIXED_OCTETS = 5;
const FLAG_TLS = 0x01;
const FLAG_CERTIFICATE = 0x02 | 0x04;

/** The values by type, the first of each; `undefined` when one reaches over the end. */
function readExtensions(block: Buffer): ReadonlyMap<number, Buffer> | undefined {
  const found = new Map<number, Buffer>();
  let at = 0;
  while (at < block.length) {
    if (at + 3 > block.length) return undefined;
    const type = block.readUInt8(at);
    const end = at + 3 + block.readUInt16BE(at + 1);
    if (end > block.length) return undefined;
    if (!found.has(type)) found.set(type, block.subarray(at + 3, end));
    at = end;
  }
  return found;
}

function text(value: Buffer | undefined): string {
  const read = value?.toString('latin1') ?? '';
  return /^[ -~]*$/.test(read) ? read : '';
}

/** `undefined`: the proxy says nothing about TLS, or that there was none. */
export function readProxyTls(block: Buffer): ProxyTls | undefined | 'malformed' {
  const value = readExtensions(block);
  if (value === undefined) return 'malformed';
  const tls = value.get(TYPE_TLS);
  if (tls === undefined) return undefined;
  if (tls.length < FIXED_OCTETS) return 'malformed';
  const inner = readExtensions(tls.subarray(FIXED_OCTETS));
  if (inner === undefined) return 'malformed';
  const flags = tls.readUInt8(0);
  if ((flags & FLAG_TLS) === 0) return undefined;
  return {
    version: text(inner.get(SUBTYPE_VERSION)),
    cipher: text(inner.get(SUBTYPE_CIPHER)),
    clientName: text(inner.get(SUBTYPE_NAME)),
    verified: (flags & FLAG_CERTIFICATE) !== 0 && tls.readUInt32BE(1) === 0,
  };
}
