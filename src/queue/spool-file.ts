/**
 * One spool file: written piece by piece with bounded memory, read back with its checksum.
 *
 * Writing: `push` takes octets at once and answers with a promise only when more wait than may;
 * a caller that awaits it reads no further from the peer meanwhile. The first fault sticks: every
 * later call reports it, and the file is never published.
 * Reading: the last piece is held back until size and CRC-32 of the whole have been compared.
 *
 * Callers: queue/bodies.
 */
import { open, type FileHandle } from 'node:fs/promises';
import { messageOf, QueueError } from '../core/errors.js';
import type { FileBody } from '../message/body.js';
import { addToCrc } from './checksum.js';
import { diskError, removeFile, writeAll } from './durable-files.js';
import type { StepHook } from './steps.js';

export interface SpoolWriter {
  /** Takes octets; a promise means that the caller must wait for it before the next call. */
  push(chunk: Buffer): undefined | Promise<void>;
  /** Waits for everything, fsyncs and closes; answers the CRC-32. */
  finish(): Promise<number>;
  /** Closes and removes the file. Never rejects because of an earlier fault. */
  abort(): Promise<void>;
}

/** Octets that may wait in memory for the disk, for each message. */
const MOST_WAITING = 256 * 1024;
const READ_BYTES = 64 * 1024;

/** A rejection nobody looks at is repeated by `finish`; it must not end the process meanwhile. */
function handled(promise: Promise<void>): Promise<void> {
  promise.catch(() => {
    // See above: the fault is kept and reported again.
  });
  return promise;
}

/** Pieces that wait for the disk. */
function createBacklog(): { add(piece: Buffer): void; take(): readonly Buffer[]; bytes(): number } {
  let pieces: Buffer[] = [];
  let bytes = 0;
  return {
    add(piece) {
      pieces.push(piece);
      bytes += piece.length;
    },
    take() {
      const taken = pieces;
      pieces = [];
      bytes = 0;
      return taken;
    },
    bytes: () => bytes,
  };
}

/** The one fsync of a file: after a failure the file is given up, never synced again. */
async function syncAndClose(handle: FileHandle | undefined, steps: StepHook): Promise<void> {
  try {
    await handle?.sync();
    steps('body.synced');
  } finally {
    await handle?.close();
  }
}

export function createSpoolWriter(path: string, steps: StepHook): SpoolWriter {
  let handle: FileHandle | undefined;
  const backlog = createBacklog();
  let crc = 0;
  let fault: QueueError | undefined;
  let pumping: Promise<void> | undefined;

  async function pump(): Promise<void> {
    try {
      if (!handle) {
        handle = await open(path, 'wx', 0o600);
        steps('body.opened');
      }
      while (backlog.bytes() > 0) {
        await writeAll(handle, backlog.take());
        steps('body.written');
      }
    } catch (error) {
      fault = diskError(error);
      backlog.take();
    }
    pumping = undefined;
  }

  async function settled(): Promise<void> {
    await pumping;
    if (fault) throw fault;
  }

  return {
    push(chunk) {
      if (fault) return handled(Promise.reject(fault));
      crc = addToCrc(crc, chunk);
      backlog.add(chunk);
      pumping ??= pump();
      return backlog.bytes() > MOST_WAITING ? handled(settled()) : undefined;
    },
    async finish() {
      await settled();
      const finished = handle;
      handle = undefined;
      try {
        await syncAndClose(finished, steps);
      } catch (error) {
        fault = diskError(error);
        throw fault;
      }
      return crc;
    },
    async abort() {
      backlog.take();
      await pumping;
      await handle?.close();
      handle = undefined;
      await removeFile(path);
    },
  };
}

export interface StoredBody {
  readonly queueId: string;
  readonly path: string;
  readonly size: number;
  readonly crc: number;
}

function damaged(queueId: string, reason: string, cause?: unknown): QueueError {
  return new QueueError('ERR_QUEUE_CORRUPT', { cause, detail: { queueId, reason } });
}

async function* readPieces(handle: FileHandle): AsyncGenerator<Buffer> {
  for (;;) {
    const buffer = Buffer.allocUnsafe(READ_BYTES);
    const { bytesRead } = await handle.read(buffer, 0, READ_BYTES);
    if (bytesRead === 0) return;
    yield buffer.subarray(0, bytesRead);
  }
}

async function* readChecked(stored: StoredBody): AsyncGenerator<Buffer> {
  const { queueId, path } = stored;
  const handle = await open(path, 'r').catch((error: unknown) => {
    throw damaged(queueId, `body file: ${messageOf(error)}`, error);
  });
  try {
    let held: Buffer | undefined;
    let size = 0;
    let crc = 0;
    for await (const piece of readPieces(handle)) {
      if (held) yield held;
      held = piece;
      size += piece.length;
      crc = addToCrc(crc, piece);
    }
    if (size !== stored.size) throw damaged(queueId, `body file holds ${size} octets, not ${stored.size}`);
    if (crc !== stored.crc) throw damaged(queueId, 'body checksum differs');
    if (held) yield held;
  } finally {
    await handle.close();
  }
}

/** The body in a published spool file. */
export function fileBody(stored: StoredBody): FileBody {
  const { path, size, crc } = stored;
  return { place: 'file', path, size, crc, stream: () => readChecked(stored) };
}
