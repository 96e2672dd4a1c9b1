import { describe, expect, it } from 'vitest';
import { Gathered } from '../../../src/message/gathered.js';

describe('Gathered', () => {
  it('joins pieces of any size in order, and begins anew after each take', () => {
    const gathered = new Gathered();
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

  it('copies a piece of a large buffer, and keeps one that fills most of its own', () => {
    const gathered = new Gathered();
    const large = Buffer.alloc(65_536, 'a');
    gathered.add(large.subarray(0, 1000));
    expect(gathered.take().buffer.byteLength).toBeLessThan(2000);
    const own = Buffer.allocUnsafeSlow(1000).fill('b');
    gathered.add(own.subarray(0, 900));
    expect(gathered.take().buffer).toBe(own.buffer);
  });

  it('adds nothing behind a kept piece in its own buffer', () => {
    const gathered = new Gathered();
    const own = Buffer.from(new Uint8Array(100).fill(0x62).buffer);
    gathered.add(own.subarray(0, 90));
    gathered.add(Buffer.from('c'));
    expect(gathered.take().toString()).toBe(`${'b'.repeat(90)}c`);
    expect(own.toString()).toBe('b'.repeat(100));
  });

  it('takes at most twice the room of what it holds', () => {
    const gathered = new Gathered();
    for (let i = 0; i < 10_000; i += 1) gathered.add(Buffer.from('x'));
    expect(gathered.take().buffer.byteLength).toBeLessThanOrEqual(20_000);
  });
});
