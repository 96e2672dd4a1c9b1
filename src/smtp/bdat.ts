/**
 * BDAT: the command, and what one transaction may do with it (RFC 3030 §2).
 *
 * The octets of a chunk follow the command at once, so a chunk that is refused must still be read
 * to its end before the next command; `skip` says so. Where that end is not known (a malformed
 * command) or too far away (`end`), the connection has to close: what follows would be taken for
 * commands.
 *
 * Callers: engine/stages, one ChunkedTransfer for each transaction, from NO_CHUNKS on. Values
 * only; nothing here reads, throws or keeps anything.
 */

export interface BdatCommand {
  /** Octets of the chunk, which follow the command. */
  readonly size: number;
  /** Whether the message ends with this chunk. */
  readonly last: boolean;
}

export type BdatParse =
  | { readonly status: 'ok'; readonly command: BdatCommand }
  /** 501; the octets that follow cannot be told from commands, so the connection ends. */
  | { readonly status: 'bad'; readonly reason: string };

/** RFC 3030 §2: chunk-size is digits only. Spaces at the end are tolerated (RFC 5321 §4.1.1). */
const ARGUMENT = /^(\d{1,20})( LAST)? *$/i;

/** Reads what follows `BDAT `. */
export function parseBdat(text: string): BdatParse {
  const match = ARGUMENT.exec(text);
  if (!match) return { status: 'bad', reason: 'takes a number of octets, and LAST for the last chunk' };
  const size = Number(match[1]);
  if (!Number.isSafeInteger(size)) return { status: 'bad', reason: 'takes a number below 2^53' };
  return { status: 'ok', command: { size, last: match[2] !== undefined } };
}

/** Where the BDAT commands of one transaction have got to. */
export interface ChunkedTransfer {
  /**
   * `none`: no chunk yet. `open`: chunks were taken, more must come. `failed`: one was refused,
   * and whatever comes is thrown away until LAST or RSET. `ended`: LAST has come; the transaction
   * is over once it is answered.
   */
  readonly phase: 'none' | 'open' | 'failed' | 'ended';
  /** Octets of the message in the chunks taken so far. */
  readonly octets: number;
  /** Octets read in vain so far. */
  readonly skipped: number;
}

export const NO_CHUNKS: ChunkedTransfer = { phase: 'none', octets: 0, skipped: 0 };

export interface ChunkLimits {
  /** Whether MAIL and a valid RCPT have been, so that a message may begin. */
  readonly hasRecipients: boolean;
  /** Largest message in octets. */
  readonly maxOctets: number;
  /** Largest number of octets that one transaction may make us read in vain. */
  readonly maxSkipped: number;
}

/** Why a chunk is not taken: 503, 552, or the answer that the refused chunk got. */
export type ChunkFault = 'sequence' | 'tooBig' | 'failed';

export type ChunkDecision =
  /** `size` octets belong to the message. */
  | { readonly status: 'take'; readonly next: ChunkedTransfer }
  /** `size` octets are to be read and forgotten, and then the fault answered. */
  | { readonly status: 'skip'; readonly fault: ChunkFault; readonly next: ChunkedTransfer }
  /** The fault is answered at once, and the connection ends without reading the chunk. */
  | { readonly status: 'end'; readonly fault: ChunkFault };

function faultOf(
  transfer: ChunkedTransfer,
  { size }: BdatCommand,
  limits: ChunkLimits,
): ChunkFault | undefined {
  if (transfer.phase === 'failed') return 'failed';
  if (transfer.phase === 'ended' || !limits.hasRecipients) return 'sequence';
  return size > limits.maxOctets - transfer.octets ? 'tooBig' : undefined;
}

/** Decides over a chunk before its first octet is read. */
export function admitChunk(
  transfer: ChunkedTransfer,
  command: BdatCommand,
  limits: ChunkLimits,
): ChunkDecision {
  const fault = faultOf(transfer, command, limits);
  if (fault === undefined) {
    const octets = transfer.octets + command.size;
    return { status: 'take', next: { ...transfer, octets, phase: command.last ? 'ended' : 'open' } };
  }
  if (command.size > limits.maxSkipped - transfer.skipped) return { status: 'end', fault };
  const skipped = transfer.skipped + command.size;
  // Out of sequence there is no transfer to fail: the transaction, if any, stays what it was.
  const phase = fault === 'sequence' ? transfer.phase : command.last ? 'ended' : 'failed';
  return { status: 'skip', fault, next: { ...transfer, skipped, phase } };
}

/**
 * The transfer after a chunk that was taken got a 4yz or 5yz (RFC 3030 §2): no part of the message
 * counts any more. One that has ended stays so, and the answer to LAST is its end.
 */
export function failTransfer(transfer: ChunkedTransfer): ChunkedTransfer {
  return transfer.phase === 'ended' ? transfer : { ...transfer, phase: 'failed' };
}

/** What may come amid a transfer: the next chunk, its end, and what changes nothing. */
const AMID: ReadonlySet<string> = new Set([
  'BDAT',
  'RSET',
  'NOOP',
  'VRFY',
  'EXPN',
  'HELP',
  'EHLO',
  'HELO',
  'QUIT',
]);

/**
 * Whether a command (in capitals) may follow the chunks so far; otherwise 503. DATA may never
 * follow BDAT, nor MAIL and RCPT before the transfer is over or reset.
 */
export function mayFollowChunks(transfer: ChunkedTransfer, verb: string): boolean {
  return transfer.phase === 'none' || AMID.has(verb);
}
