/**
 * Writes trace records to segments, off the mail's path.
 *
 * Records wait in memory for a moment and are appended together. Traces are no mail: they are not
 * fsynced, a crash loses the last tenth of a second, and when the disk cannot follow, records are
 * dropped and counted instead of slowing a session down. Trouble is logged once until it is over.
 *
 * Callers: app opens one per process; hooks/trace-writer feeds it through TraceSink.
 */
import { appendFileSync, mkdirSync } from 'node:fs';
import { appendFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Cancel, Clock } from '../core/clock.js';
import { messageOf } from '../core/errors.js';
import type { Logger } from '../core/log.js';
import type { TraceRecord, TraceSink } from '../hooks/trace.js';
import { type Keep, segmentName, sweepSegments } from './segments.js';

/** How long a record waits for company. */
const GATHER_MS = 100;
/** Octets that may wait while the disk is busy. */
const MOST_WAITING = 8 * 1024 * 1024;
/** A segment is closed at this part of all the room and of all the time, so that sweeping frees little at a time. */
const SEGMENTS = 16;
const PRIVATE = { mode: 0o600 };

export interface TraceStoreOptions {
  readonly dir: string;
  readonly keep: Keep;
  /** Whether sessions without any refusal are kept too. */
  readonly accepted: boolean;
}

export interface TraceStore extends TraceSink {
  /** Puts everything that waits on disk. */
  flush(): Promise<void>;
  close(): void;
}

/** Whether a record holds anything but agreement. */
function hasRefusal({ steps }: TraceRecord): boolean {
  return steps.some(({ action, reason }) => {
    const isEngine = reason !== undefined && reason !== 'queued';
    return action === 'reject' || action === 'tmpreject' || isEngine;
  });
}

/** The segment in use, and how much of it is left. */
class SegmentRoom {
  readonly #options: TraceStoreOptions;
  readonly #clock: Clock;
  #path = '';
  #since = 0;
  #left = 0;

  constructor(options: TraceStoreOptions, clock: Clock) {
    this.#options = options;
    this.#clock = clock;
  }

  /** Where the next `size` octets go; opens the next segment and sweeps when this one is full. */
  target(size: number): string {
    const { dir, keep } = this.#options;
    const now = this.#clock.now();
    if (this.#path === '' || this.#left < size || now - this.#since >= keep.ageMs / SEGMENTS) {
      this.#since = now;
      this.#path = join(dir, segmentName(now, process.pid));
      this.#left = Math.max(keep.size / SEGMENTS, size);
      sweepSegments(dir, keep, now, this.#path);
    }
    this.#left -= size;
    return this.#path;
  }
}

class SegmentStore implements TraceStore {
  readonly #options: TraceStoreOptions;
  readonly #clock: Clock;
  readonly #log: Logger;
  readonly #room: SegmentRoom;
  #waiting: string[] = [];
  #waitingSize = 0;
  #dropped = 0;
  #broken = false;
  #writing: Promise<void> = Promise.resolve();
  #cancel: Cancel | undefined;

  constructor(options: TraceStoreOptions, clock: Clock, log: Logger) {
    this.#options = options;
    this.#clock = clock;
    this.#log = log;
    this.#room = new SegmentRoom(options, clock);
  }

  write(record: TraceRecord): void {
    if (!this.#options.accepted && !hasRefusal(record)) return;
    const line = `${JSON.stringify(record)}\n`;
    if (this.#waitingSize + line.length > MOST_WAITING) {
      this.#dropped += 1;
      return;
    }
    this.#waiting.push(line);
    this.#waitingSize += line.length;
    this.#cancel ??= this.#clock.after(GATHER_MS, () => {
      this.#cancel = undefined;
      this.#writing = this.#writing.then(() => this.#append());
    });
  }

  async flush(): Promise<void> {
    this.#unschedule();
    this.#writing = this.#writing.then(() => this.#append());
    await this.#writing;
  }

  close(): void {
    this.#unschedule();
    const text = this.#take();
    if (text === '') return;
    try {
      appendFileSync(this.#room.target(text.length), text, PRIVATE);
    } catch (error) {
      this.#report(error);
    }
  }

  #unschedule(): void {
    this.#cancel?.();
    this.#cancel = undefined;
  }

  #take(): string {
    // A write that failed may have left part of a line, which must not swallow the next one.
    const text = (this.#broken && this.#waiting.length > 0 ? '\n' : '') + this.#waiting.join('');
    this.#waiting = [];
    this.#waitingSize = 0;
    return text;
  }

  async #append(): Promise<void> {
    const text = this.#take();
    if (text === '') return;
    try {
      await appendFile(this.#room.target(text.length), text, PRIVATE);
      if (this.#dropped > 0) this.#log.warn('trace records were dropped', { dropped: this.#dropped });
      this.#dropped = 0;
      this.#broken = false;
    } catch (error) {
      this.#report(error);
    }
  }

  #report(error: unknown): void {
    const { dir } = this.#options;
    if (!this.#broken) {
      this.#log.error('traces cannot be written; postern explain will miss them', {
        dir,
        error: messageOf(error),
      });
    }
    this.#broken = true;
  }
}

/** Opens the folder, which is made when it does not exist. */
export function openTraceStore(options: TraceStoreOptions, clock: Clock, log: Logger): TraceStore {
  // Traces hold addresses and whatever policies read: for the server's own user only.
  mkdirSync(options.dir, { recursive: true, mode: 0o700 });
  return new SegmentStore(options, clock, log);
}
