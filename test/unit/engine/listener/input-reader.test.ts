import { describe, expect, it } from 'vitest';
import { InputReader, type InputHandler } from '../../../../src/engine/listener/input-reader.js';

function recorder() {
  const seen: string[] = [];
  const handler: InputHandler = {
    line: (line) => {
      seen.push(`line ${line.toString('latin1')}`);
      if (line.toString() === 'DATA') reader.readMessage();
      if (line.toString() === 'STOP') reader.stop();
      return Promise.resolve();
    },
    badLine: (fault) => {
      seen.push(fault);
      return Promise.resolve();
    },
    lineBegan: () => {
      seen.push('began');
    },
    content: (piece) => {
      seen.push(`content ${piece.toString('latin1')}`);
      return undefined;
    },
    contentEnd: () => {
      seen.push('end');
      return Promise.resolve();
    },
  };
  const reader = new InputReader(handler, 10);
  return { seen, feed: (text: string) => reader.feed(Buffer.from(text, 'latin1')) };
}

describe('InputReader', () => {
  it('cuts lines, however they arrive', async () => {
    const { seen, feed } = recorder();
    await feed('a\r\nb');
    await feed('c\r');
    await feed('\nd\r\n');
    expect(seen).toEqual(['line a', 'began', 'line bc', 'line d']);
  });

  it('switches to content and back inside one chunk', async () => {
    const { seen, feed } = recorder();
    await feed('DATA\r\nx\r\n.\r\nb\r\n');
    expect(seen).toEqual(['line DATA', 'content x\r\n', 'end', 'line b']);
  });

  it('takes a line of exactly the limit, and refuses a longer one once', async () => {
    const { seen, feed } = recorder();
    await feed('1234567890\r\n12345678901\r\n');
    await feed('1234567890');
    await feed('\r');
    await feed('\n');
    await feed('12345678901');
    for (let i = 0; i < 100; i += 1) await feed('x'.repeat(1000));
    await feed('\r\nok\r\n');
    expect(seen).toEqual([
      'line 1234567890',
      'too-long',
      'began',
      'line 1234567890',
      'began',
      'too-long',
      'line ok',
    ]);
  });

  it('tells a bare LF', async () => {
    const { seen, feed } = recorder();
    await feed('a\nb\r\n\n');
    expect(seen).toEqual(['bare-lf', 'line b', 'bare-lf']);
  });

  it('tells a bare LF at the end of a line that is too long, however it is cut', async () => {
    const { seen, feed } = recorder();
    await feed(`${'x'.repeat(50)}\n`);
    await feed('x'.repeat(50));
    await feed('\n');
    await feed('x'.repeat(50));
    await feed('\r');
    await feed('x\n');
    await feed(`${'x'.repeat(50)}\r`);
    await feed('\nok\r\n');
    expect(seen).toEqual(['bare-lf', 'began', 'bare-lf', 'began', 'bare-lf', 'began', 'too-long', 'line ok']);
  });

  it('handles nothing after it was stopped', async () => {
    const { seen, feed } = recorder();
    await feed('STOP\r\na\r\n');
    await feed('b\r\n');
    expect(seen).toEqual(['line STOP']);
  });
});
