/**
 * Delivery into Maildirs: `<root>/<domain>/<local part>/Maildir/{tmp,new,cur}`.
 *
 * The message gets `Return-Path:` and `Delivered-To:` in front (RFC 5321 §4.4) and LF line ends,
 * which is what Maildir readers expect; a BINARYMIME body keeps every octet. What a crash leaves:
 *   before the link: a file in tmp, which readers ignore and remove after 36 hours;
 *   after the link: the whole message in new. The attempt is repeated, because its result was
 *     not recorded, but the name is made of the queue id, so that the message is found there and
 *     not delivered twice, unless a reader has already moved it.
 * A recipient counts as delivered when file and name are on disk.
 *
 * Callers: app gives it to the dispatcher. Disk trouble defers the recipient with
 * ERR_DELIVERY_LOCAL in the reason; a damaged body is thrown for the dispatcher to park.
 */
import { mkdir, open, type FileHandle } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { EngineError, isEngineError, messageOf } from '../../core/errors.js';
import {
  createDirectorySync,
  makeDirectory,
  publishFile,
  removeFile,
  type SyncDirectory,
  writeAll,
} from '../../queue/durable-files.js';
import type { QueueEntry, RecipientState } from '../../queue/entry.js';
import { noSteps, type StepHook } from '../../queue/steps.js';
import { comparableDomain } from '../../smtp/domain.js';
import type { DeliveryTransport, RecipientResult } from '../transport.js';
import { folderName, hostPart } from './folder-name.js';
import { createLineEndConverter } from './line-ends.js';

export interface MaildirOptions {
  /** Folder that holds the domains; made when it is missing. */
  readonly root: string;
  /** Name of this host, the last part of file names. */
  readonly hostname: string;
  /** For tests that stop at a durable step. */
  readonly steps?: StepHook;
}

/** Known Maildirs; forgotten all at once when there are too many, which costs a look each. */
const MOST_KNOWN = 10_000;

/** Addresses come from strangers: nothing that ends a line or a header gets into one. */
function headerSafe(address: string): string {
  return address.replace(/[\u0000-\u001f\u007f]/g, '');
}

function deliveryHeader(entry: QueueEntry, recipient: RecipientState): Buffer {
  const returnPath = `Return-Path: <${headerSafe(entry.sender)}>\n`;
  return Buffer.from(`${returnPath}Delivered-To: ${headerSafe(recipient.address)}\n`, 'utf8');
}

async function writeMessage(handle: FileHandle, entry: QueueEntry, recipient: RecipientState): Promise<void> {
  const lines = createLineEndConverter();
  // RFC 3030 §3: in binary content a line end cannot be told from the content.
  const isBinary = entry.envelope['body'] === 'BINARYMIME';
  const convert = (piece: Buffer): Buffer => (isBinary ? piece : lines.convert(piece));
  const pieces = [deliveryHeader(entry, recipient), lines.convert(entry.header)];
  // What a header kept back belongs before a body that is not converted.
  if (isBinary) pieces.push(lines.end());
  if (entry.body.place === 'memory') {
    pieces.push(convert(entry.body.bytes));
  } else {
    for await (const piece of entry.body.stream()) {
      pieces.push(convert(piece));
      await writeAll(handle, pieces.splice(0));
    }
  }
  pieces.push(lines.end());
  await writeAll(handle, pieces);
}

/** Writes a whole message and fsyncs it; on failure nothing is left under the name. */
async function writeFile(
  path: string,
  write: (handle: FileHandle) => Promise<void>,
  steps: StepHook,
): Promise<void> {
  const handle = await open(path, 'wx', 0o600);
  try {
    await write(handle);
    steps('maildir.written');
    await handle.sync();
    steps('maildir.synced');
  } finally {
    await handle.close();
  }
}

/** What the recipient's part of a refused attempt looks like. */
function deferral(address: string, error: unknown): RecipientResult {
  const detail = { recipient: address, reason: messageOf(error) };
  const local = new EngineError('ERR_DELIVERY_LOCAL', { cause: error, detail });
  return { status: 'deferred', address, reason: local.message };
}

/**
 * Makes a Maildir, and puts each name from the root down to it on disk. Also of what was there:
 * whoever made it may have died before the fsync, or be waiting for it still.
 */
async function makeFolder(root: string, folder: string, syncDirectory: SyncDirectory): Promise<void> {
  await makeDirectory(root, 0o700);
  for (const part of ['tmp', 'new', 'cur']) await mkdir(join(folder, part), { recursive: true, mode: 0o700 });
  for (let at = folder; ; at = dirname(at)) {
    await syncDirectory(at);
    if (at === root) return;
  }
}

export function createMaildirTransport(options: MaildirOptions): DeliveryTransport {
  const { hostname, steps = noSteps } = options;
  const root = resolve(options.root);
  const syncDirectory = createDirectorySync();
  const known = new Set<string>();
  const host = hostPart(hostname);
  let attempts = 0;

  async function openFolder(recipient: RecipientState): Promise<string> {
    // One domain has one folder, whichever way its labels were written.
    const domain = folderName(comparableDomain(recipient.domain));
    const folder = join(root, domain, folderName(recipient.localPart), 'Maildir');
    if (known.has(folder)) return folder;
    await makeFolder(root, folder, syncDirectory);
    if (known.size >= MOST_KNOWN) known.clear();
    known.add(folder);
    return folder;
  }

  async function store(entry: QueueEntry, recipient: RecipientState): Promise<void> {
    const folder = await openFolder(recipient);
    const name = `${Math.floor(entry.receivedAt / 1000)}.${entry.queueId}.${host}`;
    // Never the same name twice: an attempt that overran its time may still be writing.
    attempts += 1;
    const unfinished = join(folder, 'tmp', `${name}.${process.pid}.${attempts}`);
    try {
      await writeFile(unfinished, (handle) => writeMessage(handle, entry, recipient), steps);
      const result = await publishFile(unfinished, join(folder, 'new', name));
      steps('maildir.published');
      if (result === 'exists') await removeFile(unfinished);
    } catch (error) {
      // The folder may have been removed by somebody; look again next time.
      known.delete(folder);
      await removeFile(unfinished);
      throw error;
    }
    await syncDirectory(join(folder, 'new'));
    steps('maildir.directorySynced');
  }

  async function deliverTo(entry: QueueEntry, recipient: RecipientState): Promise<RecipientResult> {
    const { address } = recipient;
    try {
      await store(entry, recipient);
      return { status: 'delivered', address };
    } catch (error) {
      if (isEngineError(error, 'ERR_QUEUE_CORRUPT')) throw error;
      return deferral(address, error);
    }
  }

  return {
    name: 'maildir',
    async deliver(entry, recipients, signal, report) {
      const results: RecipientResult[] = [];
      for (const recipient of recipients) {
        if (signal.aborted) break;
        const result = await deliverTo(entry, recipient);
        report(result);
        results.push(result);
      }
      return results;
    },
  };
}
