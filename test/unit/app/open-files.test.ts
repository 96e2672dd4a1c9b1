import { expect, it } from 'vitest';
import { mostSockets } from '../../../src/app/open-files.js';

it.each([
  [20_000, 15_000],
  [1024, 768],
  [120, 56],
  [10, 1],
  [Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY],
])('%s open files allow %s connections', (openFiles, sockets) => {
  expect(mostSockets(openFiles)).toBe(sockets);
});

it('knows the limit of this process', () => {
  expect(mostSockets()).toBeGreaterThan(100);
});
