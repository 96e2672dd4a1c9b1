/**
 * The thread that parses messages with mailparser.
 *
 * Hostile MIME can cost any amount of time and memory, so it never runs where mail is received.
 * The thread that asked keeps the deadline and ends this one when it is over; memory has a limit
 * of its own. One message at a time.
 *
 * Callers: message/mime/parser starts it. Compiled entry of a worker thread.
 */
import { createHash } from 'node:crypto';
import type { EventEmitter } from 'node:events';
import { createReadStream } from 'node:fs';
import { Readable } from 'node:stream';
import { parentPort } from 'node:worker_threads';
import { type AddressObject, type AttachmentStream, MailParser, type MessageText } from 'mailparser';
import { InvariantError, messageOf } from '../../core/errors.js';
import type { ParseRequest } from './parse-thread.js';
import {
  LONGEST_TEXT,
  MOST_ATTACHMENTS,
  type ParsedAttachment,
  type ParseOutcome,
} from './parsed-message.js';

async function* octetsOf({ header, body }: ParseRequest): AsyncGenerator<Uint8Array> {
  yield header;
  if (typeof body !== 'string') {
    yield body;
    return;
  }
  for await (const piece of createReadStream(body)) yield piece as Buffer;
}

function addresses(value: unknown): string[] {
  const found = (value as AddressObject | undefined)?.value ?? [];
  return found.flatMap(({ address, group }) => [
    ...(address === undefined ? [] : [address]),
    ...(group ?? []).flatMap((member) => (member.address === undefined ? [] : [member.address])),
  ]);
}

function text(value: unknown): string {
  return typeof value === 'string' ? value.slice(0, LONGEST_TEXT) : '';
}

/** Reads an attachment to its end and keeps its hash only. */
async function attachmentOf(part: AttachmentStream): Promise<ParsedAttachment> {
  const hash = createHash('sha256');
  let size = 0;
  for await (const piece of part.content as Readable as AsyncIterable<Buffer>) {
    hash.update(piece);
    size += piece.length;
  }
  part.release();
  return {
    filename: part.filename ?? '',
    contentType: part.contentType.toLowerCase(),
    disposition: part.contentDisposition ?? '',
    size,
    sha256: hash.digest('hex'),
  };
}

/** Turns of the loop that the parser may take behind the last octet; it needs some dozens. */
const MOST_TURNS = 10_000;

/**
 * Rejects when the parser will never come to its end.
 *
 * What cuts the message into its parts may have stopped, at too many of them: once all octets are
 * in, the parser passes over that in silence and shows what it had by then, and a policy would
 * look at the first thousand parts and never learn of the others. Or the parser waits for what
 * nobody sends: behind an attached message without any octet it does so for ever.
 */
function endless(parser: MailParser): Promise<never> {
  const { splitter } = parser as unknown as { readonly splitter?: EventEmitter };
  if (!splitter) {
    throw new InvariantError('ERR_INVARIANT', { detail: { reason: 'mailparser has no splitter any more' } });
  }
  return new Promise((_, reject) => {
    splitter.on('error', reject);
    splitter.once('end', () => {
      let turns = 0;
      const wait = (): void => {
        turns += 1;
        if (turns > MOST_TURNS) reject(new Error('the parser does not come to an end'));
        else if (!parser.destroyed) setImmediate(wait);
      };
      wait();
    });
  });
}

async function parse(request: ParseRequest): Promise<ParseOutcome> {
  const parser = new MailParser({
    skipHtmlToText: true,
    skipTextToHtml: true,
    skipTextLinks: true,
    skipImageLinks: true,
  });
  try {
    return await Promise.race([collect(parser, request), endless(parser)]);
  } finally {
    parser.destroy();
  }
}

async function collect(parser: MailParser, request: ParseRequest): Promise<ParseOutcome> {
  let headers = new Map<string, unknown>();
  let body: Partial<MessageText> = {};
  const attachments: ParsedAttachment[] = [];
  parser.on('headers', (found) => {
    headers = found;
  });
  Readable.from(octetsOf(request))
    .on('error', (error) => parser.destroy(error))
    .pipe(parser);
  for await (const part of parser as AsyncIterable<AttachmentStream | MessageText>) {
    if (part.type === 'text') body = part;
    else attachments.push(await attachmentOf(part));
    if (attachments.length > MOST_ATTACHMENTS)
      return { status: 'unparsable', reason: 'too many attachments' };
  }
  return {
    status: 'parsed',
    message: {
      subject: text(headers.get('subject')),
      from: addresses(headers.get('from')),
      to: addresses(headers.get('to')),
      cc: addresses(headers.get('cc')),
      messageId: text(headers.get('message-id')),
      text: text(body.text),
      html: text(body.html),
      attachments,
    },
  };
}

parentPort?.on('message', (request: ParseRequest) => {
  parse(request).then(
    (outcome) => parentPort?.postMessage(outcome),
    (error: unknown) =>
      parentPort?.postMessage({ status: 'unparsable', reason: messageOf(error) } satisfies ParseOutcome),
  );
});
