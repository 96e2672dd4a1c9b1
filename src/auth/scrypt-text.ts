/**
 * The stored form of a scrypt hash: `$scrypt$ln=15,r=8,p=1$salt$key`.
 *
 * `ln` is the binary logarithm of the cost N; salt and key are base64 without padding. The
 * parameters lie within bounds, because a stored hash decides how much memory and time a stranger's
 * guess takes. RFC 7914 §2 describes the parameters.
 *
 * Callers: password-hash, users-file. Text that is no such hash is a value, never an error.
 */

export interface ScryptHash {
  readonly ln: number;
  readonly r: number;
  readonly p: number;
  readonly salt: Buffer;
  readonly key: Buffer;
}

export type ScryptReading =
  | { readonly status: 'ok'; readonly hash: ScryptHash }
  | { readonly status: 'malformed'; readonly reason: string };

/** Bounds, both ends included. */
const LN = { least: 10, most: 17 };
const R = { least: 1, most: 32 };
const P = { least: 1, most: 8 };
const SALT = { least: 8, most: 64 };
const KEY = { least: 16, most: 64 };
/** Most memory one verification may take, octets: 128 * N * r. */
const MOST_MEMORY = 128 * 1024 * 1024;
/** Room for the largest salt and key; longer text is not looked at. */
const LONGEST_TEXT = 256;

const SHAPE = /^\$scrypt\$ln=(\d{1,2}),r=(\d{1,2}),p=(\d)\$([A-Za-z0-9+/]+)\$([A-Za-z0-9+/]+)$/;

export function memoryOf({ ln, r }: Pick<ScryptHash, 'ln' | 'r'>): number {
  return 128 * 2 ** ln * r;
}

function unpadded(octets: Buffer): string {
  return octets.toString('base64').replaceAll('=', '');
}

/** The octets, or undefined when the text is not the one spelling of them or their number is out of bounds. */
function octetsOf(text: string, bounds: typeof SALT): Buffer | undefined {
  const octets = Buffer.from(text, 'base64');
  if (unpadded(octets) !== text) return undefined;
  return octets.length >= bounds.least && octets.length <= bounds.most ? octets : undefined;
}

function isWithin(value: number, bounds: typeof SALT): boolean {
  return value >= bounds.least && value <= bounds.most;
}

function malformed(reason: string): ScryptReading {
  return { status: 'malformed', reason };
}

export function parseScryptHash(text: string): ScryptReading {
  const match = text.length <= LONGEST_TEXT ? SHAPE.exec(text) : null;
  if (!match) return malformed('it does not read $scrypt$ln=..,r=..,p=..$salt$key');
  const [, lnText, rText, pText, saltText = '', keyText = ''] = match;
  const cost = { ln: Number(lnText), r: Number(rText), p: Number(pText) };
  if (!isWithin(cost.ln, LN) || !isWithin(cost.r, R) || !isWithin(cost.p, P)) {
    return malformed(`ln must be ${LN.least} to ${LN.most}, r 1 to ${R.most} and p 1 to ${P.most}`);
  }
  if (memoryOf(cost) > MOST_MEMORY) return malformed('ln and r together ask for more than 128 MiB');
  const salt = octetsOf(saltText, SALT);
  if (!salt) return malformed(`the salt is not ${SALT.least} to ${SALT.most} octets in base64`);
  const key = octetsOf(keyText, KEY);
  if (!key) return malformed(`the key is not ${KEY.least} to ${KEY.most} octets in base64`);
  return { status: 'ok', hash: { ...cost, salt, key } };
}

export function formatScryptHash({ ln, r, p, salt, key }: ScryptHash): string {
  return `$scrypt$ln=${ln},r=${r},p=${p}$${unpadded(salt)}$${unpadded(key)}`;
}
