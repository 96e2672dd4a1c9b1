/**
 * Whether the data of a MaxMind DB file is all there.
 *
 * Values stand one behind the other between the tree and the description. A file whose middle is
 * missing has a last value that reaches into the description, and the decoder would take the one
 * for the other. Only sizes are read here; what stands in the values is the decoder's business.
 *
 * Callers: geo-ip-reader. Format: MaxMind DB 2.0.
 */

/** What the description begins with. */
const MARKER = Buffer.from('\xab\xcd\xefMaxMind.com', 'latin1');
const EXTENDED = 0;
const POINTER = 1;
const MAP = 7;
const ARRAY = 11;
const BOOLEAN = 14;
/** What stands for itself or goes before other values, and so has no octets of its own. */
const EMPTY: ReadonlySet<number> = new Set([MAP, ARRAY, BOOLEAN]);

/** How many octets tell the size when the first one does not, and what is added to them. */
const LONGER: readonly (readonly [octets: number, base: number])[] = [
  [1, 29],
  [2, 285],
  [3, 65_821],
];

/** Where the value that begins at `at` ends, without what a map or list holds. */
function endOfValue(octets: Buffer, at: number): number {
  const control = octets[at] ?? 0;
  const size = control & 0x1f;
  let type = control >> 5;
  if (type === POINTER) return at + 2 + ((size >> 3) & 3);
  let next = at + 1;
  if (type === EXTENDED) {
    type = (octets[next] ?? 0) + 7;
    next += 1;
  }
  const longer = LONGER[size - 29];
  if (longer === undefined) return EMPTY.has(type) ? next : next + size;
  const [width, base] = longer;
  if (next + width > octets.length) return octets.length;
  const told = octets.readUIntBE(next, width) + base;
  next += width;
  return EMPTY.has(type) ? next : next + told;
}

/** `start`: where the first value stands. */
export function isDataWhole(octets: Buffer, start: number): boolean {
  const end = octets.lastIndexOf(MARKER);
  let at = start;
  while (at < end) {
    // No value begins with two zeros; some fill up with them.
    if (octets[at] === 0 && octets[at + 1] === 0) return true;
    at = endOfValue(octets, at);
  }
  return at === end;
}
