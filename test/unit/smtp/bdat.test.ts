import { describe, expect, it } from 'vitest';
import {
  admitChunk,
  type ChunkedTransfer,
  type ChunkLimits,
  failTransfer,
  mayFollowChunks,
  NO_CHUNKS,
  parseBdat,
} from '../../../src/smtp/bdat.js';

describe('the arguments of BDAT (RFC 3030 §2)', () => {
  it.each([
    ['0', 0, false],
    ['100', 100, false],
    ['100 LAST', 100, true],
    ['0 last', 0, true],
    ['007', 7, false],
    ['100  ', 100, false],
    ['100 LAST ', 100, true],
    ['9007199254740991', Number.MAX_SAFE_INTEGER, false],
  ])('%j is a chunk', (text, size, last) => {
    expect(parseBdat(text)).toEqual({ status: 'ok', command: { size, last } });
  });

  it.each([
    '',
    ' ',
    'LAST',
    ' 100',
    '-1',
    '+1',
    '0x10',
    'ff',
    '1e3',
    '1.0',
    '1 0',
    '1,000',
    '100\tLAST',
    '100  LAST',
    '100LAST',
    '100 LAST LAST',
    '100 LASTING',
    '100 FIRST',
    '9007199254740992',
    '99999999999999999999',
    '100000000000000000000000',
    '١٠',
  ])('%j is none', (text) => {
    expect(parseBdat(text)).toMatchObject({ status: 'bad' });
  });
});

const LIMITS: ChunkLimits = { hasRecipients: true, maxOctets: 1000, maxSkipped: 5000 };
const chunk = (size: number) => ({ size, last: false });
const lastChunk = (size: number) => ({ size, last: true });

/** The transfer after a decision that lets the session go on. */
function after(transfer: ChunkedTransfer, command: { size: number; last: boolean }): ChunkedTransfer {
  const decision = admitChunk(transfer, command, LIMITS);
  if (decision.status === 'end') throw new Error(decision.fault);
  return decision.next;
}

describe('a message in chunks', () => {
  it('is the sum of its chunks and ends with LAST', () => {
    const open = after(after(NO_CHUNKS, chunk(400)), chunk(0));
    expect(open).toEqual({ phase: 'open', octets: 400, skipped: 0 });
    expect(after(open, lastChunk(600))).toEqual({ phase: 'ended', octets: 1000, skipped: 0 });
    expect(after(NO_CHUNKS, lastChunk(0))).toMatchObject({ phase: 'ended', octets: 0 });
  });

  it('needs MAIL and RCPT before it; its octets are read all the same', () => {
    const limits = { ...LIMITS, hasRecipients: false };
    expect(admitChunk(NO_CHUNKS, chunk(10), limits)).toEqual({
      status: 'skip',
      fault: 'sequence',
      next: { phase: 'none', octets: 0, skipped: 10 },
    });
    expect(admitChunk(NO_CHUNKS, lastChunk(10), limits)).toMatchObject({ next: { phase: 'none' } });
  });

  it('takes nothing after LAST: 503, and the octets are read', () => {
    const ended = after(NO_CHUNKS, lastChunk(1));
    expect(admitChunk(ended, chunk(10), LIMITS)).toMatchObject({ status: 'skip', fault: 'sequence' });
    expect(admitChunk(ended, lastChunk(10), LIMITS)).toMatchObject({ next: { phase: 'ended', octets: 1 } });
  });

  it('is refused by the declared size of a chunk, before its octets come', () => {
    const open = after(NO_CHUNKS, chunk(600));
    expect(admitChunk(open, chunk(400), LIMITS)).toMatchObject({ status: 'take' });
    expect(admitChunk(open, chunk(401), LIMITS)).toMatchObject({
      status: 'skip',
      fault: 'tooBig',
      next: { phase: 'failed', skipped: 401 },
    });
    expect(admitChunk(open, lastChunk(401), LIMITS)).toMatchObject({ next: { phase: 'ended' } });
  });

  it('has every chunk in the pipeline thrown away once one has failed, up to LAST', () => {
    const failed = failTransfer(after(NO_CHUNKS, chunk(10)));
    expect(failed.phase).toBe('failed');
    expect(admitChunk(failed, chunk(10), LIMITS)).toMatchObject({
      fault: 'failed',
      next: { phase: 'failed' },
    });
    expect(admitChunk(failed, lastChunk(10), LIMITS)).toMatchObject({
      fault: 'failed',
      next: { phase: 'ended' },
    });
    expect(failTransfer(after(NO_CHUNKS, lastChunk(10))).phase).toBe('ended');
  });

  it('makes us read in vain only so much, in one chunk or in many', () => {
    const failed = failTransfer(NO_CHUNKS);
    expect(admitChunk(failed, chunk(5001), LIMITS)).toEqual({ status: 'end', fault: 'failed' });
    expect(admitChunk(NO_CHUNKS, chunk(Number.MAX_SAFE_INTEGER), LIMITS)).toEqual({
      status: 'end',
      fault: 'tooBig',
    });
    const skipped = after(after(failed, chunk(2500)), chunk(2500));
    expect(admitChunk(skipped, chunk(1), LIMITS)).toEqual({ status: 'end', fault: 'failed' });
    expect(admitChunk(skipped, lastChunk(0), LIMITS)).toMatchObject({ status: 'skip' });
  });
});

describe('the commands around chunks', () => {
  const open = after(NO_CHUNKS, chunk(1));

  it.each(['DATA', 'MAIL', 'RCPT', 'STARTTLS', 'AUTH', 'XCLIENT', 'XFORWARD', 'UNHEARD'])(
    '%s may not follow one',
    (verb) => {
      expect(mayFollowChunks(NO_CHUNKS, verb)).toBe(true);
      for (const transfer of [open, failTransfer(open), after(open, lastChunk(0))])
        expect(mayFollowChunks(transfer, verb)).toBe(false);
    },
  );

  it.each(['BDAT', 'RSET', 'NOOP', 'QUIT', 'EHLO', 'VRFY', 'HELP'])('%s may', (verb) => {
    expect(mayFollowChunks(open, verb)).toBe(true);
    expect(mayFollowChunks(failTransfer(open), verb)).toBe(true);
  });
});
