/**
 * The stored form of entries: checked, versioned frames of JSON.
 *
 * A frame is `P`, one octet of version, a CRC-32 of the rest, and JSON in UTF-8. A reader of a
 * later version reads earlier ones; a frame that is torn, altered or from a later version is
 * `damaged`, a value and not an error, because one bad message must not stop the others.
 * What never changes after acceptance is in the record, the recipients are a frame of their own.
 *
 * Callers: the implementations of the Store port.
 */
import { addToCrc } from './checksum.js';
import type { JsonObject, QueueEntry, RecipientState } from './entry.js';

const MARK = 0x50;
const VERSION = 1;
const HEAD = 6;

/** The part of an entry that stays as it was accepted. */
export interface EntryRecord {
  readonly queueId: string;
  readonly sessionId: string;
  readonly receivedAt: number;
  readonly sender: string;
  readonly envelope: JsonObject;
  readonly messageState: JsonObject;
  readonly notBefore: number;
  readonly size: number;
  readonly bodySize: number;
  /** CRC-32 of a body in a spool file; `null` when the body is stored with the record. */
  readonly fileCrc: number | null;
  /** CRC-32 of the header and, when it is stored with the record, the body. */
  readonly contentCrc: number;
}

export type Decoded<T> =
  | { readonly status: 'ok'; readonly value: T }
  | { readonly status: 'damaged'; readonly reason: string };

function frame(value: unknown): Buffer {
  const text = JSON.stringify(value);
  const bytes = Buffer.allocUnsafe(HEAD + Buffer.byteLength(text));
  bytes[0] = MARK;
  bytes[1] = VERSION;
  bytes.write(text, HEAD);
  bytes.writeUInt32BE(addToCrc(0, bytes.subarray(HEAD)), 2);
  return bytes;
}

function unframe(bytes: Uint8Array): Decoded<unknown> {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (buffer.length < HEAD || buffer[0] !== MARK) return { status: 'damaged', reason: 'not a record' };
  if (buffer[1] !== VERSION)
    return { status: 'damaged', reason: `version ${String(buffer[1])} is not known` };
  const payload = buffer.subarray(HEAD);
  if (addToCrc(0, payload) !== buffer.readUInt32BE(2))
    return { status: 'damaged', reason: 'checksum differs' };
  return { status: 'ok', value: JSON.parse(payload.toString('utf8')) };
}

/** CRC-32 of the octets that are stored in the row. */
export function contentCrc(header: Uint8Array, body: Uint8Array | undefined): number {
  const crc = addToCrc(0, header);
  return body === undefined ? crc : addToCrc(crc, body);
}

export function encodeRecord(entry: QueueEntry): Buffer {
  const { body } = entry;
  const record: EntryRecord = {
    queueId: entry.queueId,
    sessionId: entry.sessionId,
    receivedAt: entry.receivedAt,
    sender: entry.sender,
    envelope: entry.envelope,
    messageState: entry.messageState,
    notBefore: entry.notBefore,
    size: entry.size,
    bodySize: body.size,
    fileCrc: body.place === 'file' ? body.crc : null,
    contentCrc: contentCrc(entry.header, body.place === 'file' ? undefined : body.bytes),
  };
  return frame(record);
}

export function decodeRecord(bytes: Uint8Array): Decoded<EntryRecord> {
  // The checksum held, so what is inside is what encodeRecord wrote.
  return unframe(bytes) as Decoded<EntryRecord>;
}

export function encodeRecipients(recipients: readonly RecipientState[]): Buffer {
  return frame(recipients);
}

export function decodeRecipients(bytes: Uint8Array): Decoded<readonly RecipientState[]> {
  return unframe(bytes) as Decoded<readonly RecipientState[]>;
}
