/**
 * Where message bodies lie: small ones with their row, large ones in the spool.
 *
 * A body larger than the threshold is streamed to `spool/tmp/<queueId>` and, when complete,
 * fsynced and linked to `spool/<shard>/<queueId>`, whose directory is fsynced, all before the row
 * is written. What a crash leaves:
 *   before the link: a file in tmp, removed at the next start;
 *   after the link, before the row: a file without a row, removed at the next start;
 *   after the row: the whole message;
 *   after the row was deleted: a file without a row, removed at the next start.
 * Nothing was promised to the sender in the first two cases. Messages of one moment share a shard
 * directory and its fsync. Callers: queue/queue (which engine calls), queue/recover.
 */
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { InvariantError, QueueError } from '../core/errors.js';
import { memoryBody, type MessageBody } from '../message/body.js';
import {
  createDirectorySync,
  diskError,
  makeDirectory,
  publishFile,
  removeFile,
  systemCode,
} from './durable-files.js';
import { isQueueId } from './entry.js';
import { createSpoolWriter, fileBody, type SpoolWriter } from './spool-file.js';
import type { StepHook } from './steps.js';

export interface BodyBuilder {
  /** Octets written so far. */
  readonly size: number;
  /**
   * Takes octets, which must not change afterwards. A promise means: wait for it before the next
   * call. Rejects with ERR_QUEUE_FULL or ERR_QUEUE_WRITE when the disk does not take them.
   */
  write(chunk: Buffer): undefined | Promise<void>;
  /** The finished body; when it is in a file, file and name are on disk. Rejects like `write`. */
  finish(): Promise<MessageBody>;
  /**
   * Throws away what was written, a published file included; to be called unless the body was
   * handed to `accept`. A crash before the file is removed leaves a file without a row.
   */
  abort(): undefined | Promise<void>;
}

export interface Bodies {
  createBody(queueId: string): BodyBuilder;
  /** The body of a stored entry; nothing is read yet. */
  open(queueId: string, size: number, crc: number): MessageBody;
  /** Removes a published file. A missing one is as good as removed. */
  remove(queueId: string): Promise<void>;
  /** Ids of all published files. */
  published(): Promise<Set<string>>;
  /** Removes what unfinished writes left; answers how many. Only before the first createBody. */
  clearUnfinished(): Promise<number>;
}

export interface BodiesOptions {
  /** The `spool` directory. */
  readonly dir: string;
  /** Bodies up to this many octets stay in memory and go into the row. */
  readonly thresholdBytes: number;
  readonly steps: StepHook;
  /** Make no directories; then only what reads may be called. Default: false. */
  readonly readOnly?: boolean;
}

/** Default threshold, measured (docs/decisions/0003-sqlite-store.md): below it a row is cheaper. */
export const DEFAULT_THRESHOLD_BYTES = 131_072;

const SHARDS = [...'0123456789abcdefghjkmnpqrstvwxyz'];
/** This character of an id changes every 33 seconds, and comes round after 17 minutes. */
const SHARD_POSITION = 4;
const TMP = 'tmp';

function joined(chunks: readonly Buffer[], size: number): Buffer {
  const [only] = chunks;
  return chunks.length === 1 && only ? only : Buffer.concat(chunks, size);
}

/** What builders share, and what they need to know of their message once it is too large for memory. */
interface Spool {
  readonly thresholdBytes: number;
  startFile(queueId: string): SpoolWriter;
  publish(queueId: string, size: number, crc: number): Promise<MessageBody>;
  unpublish(queueId: string): Promise<void>;
}

class Builder implements BodyBuilder {
  size = 0;
  readonly #spool: Spool;
  readonly #queueId: string;
  #chunks: Buffer[] = [];
  #writer: SpoolWriter | undefined;
  #isPublished = false;

  constructor(spool: Spool, queueId: string) {
    this.#spool = spool;
    this.#queueId = queueId;
  }

  write(chunk: Buffer): undefined | Promise<void> {
    this.size += chunk.length;
    if (this.#writer) return this.#writer.push(chunk);
    this.#chunks.push(chunk);
    if (this.size <= this.#spool.thresholdBytes) return undefined;
    this.#writer = this.#spool.startFile(this.#queueId);
    const first = joined(this.#chunks, this.size);
    this.#chunks = [];
    return this.#writer.push(first);
  }

  async finish(): Promise<MessageBody> {
    if (!this.#writer) return memoryBody(joined(this.#chunks, this.size));
    const body = await this.#spool.publish(this.#queueId, this.size, await this.#writer.finish());
    this.#isPublished = true;
    return body;
  }

  abort(): undefined | Promise<void> {
    this.#chunks = [];
    return this.#isPublished ? this.#spool.unpublish(this.#queueId) : this.#writer?.abort();
  }
}

/** The names in a directory; none when it does not exist. */
async function namesIn(directory: string): Promise<string[]> {
  try {
    return await readdir(directory);
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return [];
    throw error;
  }
}

/** Opens the spool, making its directories when they are missing. */
export async function openBodies(options: BodiesOptions): Promise<Bodies> {
  const { dir, thresholdBytes, steps } = options;
  const syncDirectory = createDirectorySync();
  if (options.readOnly !== true) {
    for (const name of [TMP, ...SHARDS]) await makeDirectory(join(dir, name), 0o700);
  }

  const unfinished = (queueId: string): string => join(dir, TMP, queueId);
  const shard = (queueId: string): string => join(dir, queueId.charAt(SHARD_POSITION));
  const place = (queueId: string): string => join(shard(queueId), queueId);

  async function publish(queueId: string): Promise<void> {
    try {
      // The file is whole and on disk under its temporary name.
      const result = await publishFile(unfinished(queueId), place(queueId));
      if (result === 'exists') {
        throw new QueueError('ERR_QUEUE_WRITE', { detail: { reason: `${queueId} is taken`, stored: 'no' } });
      }
      steps('body.published');
      await syncDirectory(shard(queueId));
      steps('body.directorySynced');
    } catch (error) {
      throw diskError(error);
    }
  }

  const spool: Spool = {
    thresholdBytes,
    startFile: (queueId) => createSpoolWriter(unfinished(queueId), steps),
    async publish(queueId, size, crc) {
      await publish(queueId);
      return fileBody({ queueId, path: place(queueId), size, crc });
    },
    unpublish: (queueId) => removeFile(place(queueId)),
  };

  return {
    createBody(queueId) {
      if (!isQueueId(queueId)) {
        throw new InvariantError('ERR_INVARIANT', { detail: { reason: 'not a queue id' } });
      }
      return new Builder(spool, queueId);
    },
    open: (queueId, size, crc) => fileBody({ queueId, path: place(queueId), size, crc }),
    async remove(queueId) {
      await removeFile(place(queueId));
      steps('body.removed');
    },
    async published() {
      const lists = await Promise.all(SHARDS.map((name) => namesIn(join(dir, name))));
      return new Set(lists.flat().filter(isQueueId));
    },
    async clearUnfinished() {
      const names = await readdir(join(dir, TMP));
      for (const name of names) await removeFile(join(dir, TMP, name));
      return names.length;
    },
  };
}
