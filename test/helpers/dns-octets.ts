/**
 * DNS packets made octet by octet, for what no library would write.
 *
 * Names are compressed as far as it goes when a `Compressor` writes them, as name servers do.
 */

export const TYPE = {
  A: 1,
  NS: 2,
  CNAME: 5,
  SOA: 6,
  PTR: 12,
  MX: 15,
  TXT: 16,
  AAAA: 28,
  OPT: 41,
  OTHER: 65_280,
};

/** Labels of any octets, with the root at the end. */
export function nameOctets(labels: readonly (Buffer | string)[]): Buffer {
  const parts = labels.map((label) => {
    const octets = Buffer.from(label);
    return Buffer.concat([Buffer.from([octets.length]), octets]);
  });
  return Buffer.concat([...parts, Buffer.from([0])]);
}

export function pointerTo(offset: number): Buffer {
  const octets = Buffer.alloc(2);
  octets.writeUInt16BE(0xc000 | offset);
  return octets;
}

export interface RecordOctets {
  readonly owner: Buffer;
  readonly type: number;
  readonly data: Buffer;
  readonly ttl?: number;
  readonly class?: number;
  /** What the record claims instead of the length of its data. */
  readonly length?: number;
}

export function recordOctets(record: RecordOctets): Buffer {
  const fixed = Buffer.alloc(10);
  fixed.writeUInt16BE(record.type, 0);
  fixed.writeUInt16BE(record.class ?? 1, 2);
  fixed.writeUInt32BE(record.ttl ?? 60, 4);
  fixed.writeUInt16BE(record.length ?? record.data.length, 8);
  return Buffer.concat([record.owner, fixed, record.data]);
}

export interface PacketOctets {
  /** The whole question section, of one question. */
  readonly question: Buffer;
  readonly answers?: readonly Buffer[];
  readonly authorities?: readonly Buffer[];
  readonly additionals?: readonly Buffer[];
  readonly flags?: number;
  readonly id?: number;
}

export function packetOctets(packet: PacketOctets): Buffer {
  const { answers = [], authorities = [], additionals = [] } = packet;
  const header = Buffer.alloc(12);
  header.writeUInt16BE(packet.id ?? 0, 0);
  header.writeUInt16BE(packet.flags ?? 0x8180, 2);
  header.writeUInt16BE(1, 4);
  header.writeUInt16BE(answers.length, 6);
  header.writeUInt16BE(authorities.length, 8);
  header.writeUInt16BE(additionals.length, 10);
  return Buffer.concat([header, packet.question, ...answers, ...authorities, ...additionals]);
}

export function questionOctets(name: Buffer, type: number = TYPE.A): Buffer {
  return Buffer.concat([name, Buffer.from([0, type, 0, 1])]);
}

/** Remembers where names stand, and points there. */
export class Compressor {
  readonly #places = new Map<string, number>();

  /** The octets of `labels` as they stand at `offset`. */
  write(labels: readonly Buffer[], offset: number): Buffer {
    const parts: Buffer[] = [];
    let at = offset;
    for (let index = 0; index < labels.length; index++) {
      const key = labels
        .slice(index)
        .map((label) => label.toString('hex'))
        .join('.');
      const place = this.#places.get(key);
      if (place !== undefined) return Buffer.concat([...parts, pointerTo(place)]);
      if (at < 0x4000) this.#places.set(key, at);
      const label = labels[index] ?? Buffer.alloc(0);
      parts.push(Buffer.from([label.length]), label);
      at += 1 + label.length;
    }
    return Buffer.concat([...parts, Buffer.from([0])]);
  }
}

const LARGEST_PACKET = 65_535;

/** The question for `x.example`, a record of `filler`, and as many aliases from and to `places` as fit. */
function aliasesBehind(filler: Buffer, places: readonly number[]): Buffer {
  const question = questionOctets(nameOctets(['x', 'example']));
  const answers = [recordOctets({ owner: pointerTo(12), type: TYPE.OTHER, data: filler })];
  let length = 12 + question.length + (answers[0]?.length ?? 0);
  for (let index = 0; length + 14 <= LARGEST_PACKET; index += 2) {
    const [owner = 12, target = 12] = [places[index % places.length], places[(index + 1) % places.length]];
    answers.push(recordOctets({ owner: pointerTo(owner), type: TYPE.CNAME, data: pointerTo(target) }));
    length += 14;
  }
  return packetOctets({ question, answers });
}

/** Where the data of the first record of `aliasesBehind` begins. */
const FILLER_AT = 12 + 15 + 12;
const LAST_PLACE = 0x3fff;

/** 64 KB: `links` pointers, each to the one before, and thousands of names that begin at the last. */
export function chainOfPointers(links: number): Buffer {
  const chain = Array.from({ length: links }, (_, index) =>
    pointerTo(index === 0 ? 12 : FILLER_AT + 2 * (index - 1)),
  );
  return aliasesBehind(Buffer.concat(chain), [FILLER_AT + 2 * (links - 1)]);
}

/** As many links as pointers can reach. */
export const MOST_LINKS = Math.floor((LAST_PLACE - FILLER_AT) / 2);

/** 64 KB: thousands of pointers into names of 126 labels, each into another place. */
export function pointersIntoLongNames(): Buffer {
  const name = nameOctets(new Array<string>(126).fill('A'));
  const names = Math.floor((LAST_PLACE - FILLER_AT) / name.length);
  const places = Array.from(
    { length: names * 126 },
    (_, index) => FILLER_AT + Math.floor(index / 126) * name.length + 2 * (index % 126),
  );
  return aliasesBehind(Buffer.concat(new Array<Buffer>(names).fill(name)), places);
}

/**
 * 64 KB: the octets of the filler are lengths and letters at once, so that a name begins at each
 * place, and runs through those behind it.
 */
export function namesInEachOther(): Buffer {
  const filler = Buffer.alloc(250, 1);
  filler.fill(0, 248);
  return aliasesBehind(
    filler,
    Array.from({ length: 248 }, (_, index) => FILLER_AT + 247 - index),
  );
}
