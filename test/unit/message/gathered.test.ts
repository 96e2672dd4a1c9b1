import { describe, expect, it } from 'vitest';
import { createGathered } from '../../../src/message/gathered.js';

describe('createGathered', () => {
  it('joins pieces of any size in order, and begins anew after each take', () => {
    const gathered = createGathered();
    expect(gathered.take().toString()).toBe('');
    const pieces = ['a', '', 'b'.repeat(600), 'c', 'd'.repeat(5000)];
    for (const piece of pieces) gathered.add(Buffer.from(piece));
    expect(gathered.length).toBe(5602);
    const first = gathered.take();
    gathered.add(Buffer.from('next'));
    expect(first.toString()).toBe(pieces.join(''));
    expect(gathered.length).toBe(4);
    expect(gathered.take().toString()).toBe('next');
  });

  it('keeps copies, not the pieces', () => {
    const gathered = createGathered();
    const piece = Buffer.from('abc');
    gathered.add(piece);
    piece.fill(0);
    expect(gathered.take().toString()).toBe('abc');
  });

  it('takes at most twice the room of what it holds', () => {
    const gathered = createGathered();
    for (let i = 0; i < 10_000; i += 1) gathered.add(Buffer.from('x'));
    expect(gathered.take().buffer.byteLength).toBeLessThanOrEqual(20_000);
  });
});
