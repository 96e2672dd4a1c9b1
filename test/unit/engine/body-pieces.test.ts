import { afterEach, describe, expect, it } from 'vitest';
import { turns } from '../../helpers/gate.js';
import { type RunningEngine, startEngine } from '../../helpers/start-engine.js';

let running: RunningEngine;
afterEach(() => running.stop());

async function send(pieces: readonly string[]): Promise<readonly number[]> {
  const sizes: number[] = [];
  running = await startEngine({
    handlers: {
      onBodyChunk({ input }) {
        sizes.push(input.chunk?.length ?? 0);
        return undefined;
      },
    },
  });
  const peer = await running.client();
  for (const line of ['EHLO x', 'MAIL FROM:<>', 'RCPT TO:<b@here.example>', 'DATA']) await peer.say(line);
  for (const piece of pieces) {
    peer.raw(piece);
    await turns(3);
  }
  expect((await peer.say('.')).code).toBe(250);
  const [stored] = running.intake.messages;
  expect(stored?.body).toBe(pieces.join('').slice('A: b\r\n\r\n'.length));
  return sizes;
}

describe('the body in pieces', () => {
  it('a body that drips comes in one piece', async () => {
    const drops = [...'\r\n'.repeat(20)];
    expect(await send(['A: b\r\n\r\n', ...drops])).toEqual([drops.length]);
  });

  it('no piece but the last is small', async () => {
    const line = `${'x'.repeat(5998)}\r\n`;
    const sizes = await send(['A: b\r\n\r\n', ...new Array<string>(10).fill(line)]);
    expect(sizes.reduce((sum, size) => sum + size)).toBe(60_000);
    for (const size of sizes.slice(0, -1)) expect(size).toBeGreaterThanOrEqual(16_384);
  });

  it('a body that ends in nothing has no empty last piece', async () => {
    const lines = `${'y'.repeat(98)}\r\n`.repeat(400);
    const sizes = await send(['A: b\r\n\r\n', lines]);
    expect(sizes).not.toContain(0);
    expect(sizes.reduce((sum, size) => sum + size)).toBe(40_000);
  });
});
