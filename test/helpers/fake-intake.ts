/**
 * An intake that keeps accepted messages in an array, and fails where a test wants it to.
 */
import type { BodySink, Intake } from '../../src/engine/ports.js';
import { memoryBody } from '../../src/message/body.js';
import type { QueueEntry } from '../../src/queue/entry.js';

export interface StoredMessage {
  readonly entry: QueueEntry;
  readonly header: string;
  readonly body: string;
}

export interface FakeIntake extends Intake {
  readonly messages: StoredMessage[];
  /** Bodies that were begun and neither accepted nor forgotten. */
  open(): number;
  /** Thrown by the next `accept`. */
  failAccept: Error | undefined;
  /** Awaited by every `accept`. */
  beforeAccept: () => Promise<void>;
  /** Awaited by every `write`. */
  beforeWrite: (() => Promise<void>) | undefined;
}

export function createFakeIntake(): FakeIntake {
  const begun = new Set<BodySink>();
  const bodies = new Map<unknown, BodySink>();
  const intake: FakeIntake = {
    messages: [],
    open: () => begun.size,
    failAccept: undefined,
    beforeAccept: () => Promise.resolve(),
    beforeWrite: undefined,
    beginBody() {
      const pieces: Buffer[] = [];
      const sink: BodySink = {
        write(octets) {
          pieces.push(octets);
          return intake.beforeWrite?.();
        },
        finish() {
          const body = memoryBody(Buffer.concat(pieces));
          bodies.set(body, sink);
          return Promise.resolve(body);
        },
        abort() {
          begun.delete(sink);
        },
      };
      begun.add(sink);
      return sink;
    },
    async accept(entry) {
      await intake.beforeAccept();
      const sink = bodies.get(entry.body);
      if (sink) begun.delete(sink);
      const error = intake.failAccept;
      intake.failAccept = undefined;
      if (error) throw error;
      const body = entry.body.place === 'memory' ? entry.body.bytes.toString('latin1') : '';
      intake.messages.push({ entry, header: entry.header.toString('latin1'), body });
    },
  };
  return intake;
}
