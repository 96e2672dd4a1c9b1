import { describe, expect, it } from 'vitest';
import { memoryBody } from '../../../src/message/body.js';
import { octetsOf } from '../../helpers/queue-samples.js';

describe('memoryBody', () => {
  it('can be read as often as wanted', async () => {
    const body = memoryBody(Buffer.from('abc'));
    expect(body.size).toBe(3);
    expect((await octetsOf(body)).toString()).toBe('abc');
    expect((await octetsOf(body)).toString()).toBe('abc');
  });

  it('gives no piece when it is empty', async () => {
    const body = memoryBody(Buffer.alloc(0));
    expect(await octetsOf(body)).toHaveLength(0);
  });
});
