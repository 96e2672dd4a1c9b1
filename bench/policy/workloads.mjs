/**
 * What the policy bench sends, and how much of Haraka's CPU time each row may take.
 *
 * `connections`: how many messages one connection carries. `clients`: `many` gives each connection
 * an address of its own, as strangers have one, so that no block list's answer is remembered from
 * before; `one` always sends from the same.
 *
 * Callers: policy.bench.mjs.
 */
export const ROWS = {
  wp4: { message: '4k', connections: 100, clients: 'many', sessions: 20, messages: 10_000 },
  wp4c: { message: '4k', connections: 1, clients: 'many', sessions: 50, messages: 4000 },
  'wp4c-known': { message: '4k', connections: 1, clients: 'one', sessions: 50, messages: 4000 },
  wp100: { message: '100k', connections: 100, clients: 'many', sessions: 20, messages: 2000 },
};

export const MESSAGE_OCTETS = { '4k': 4096, '100k': 102_400 };

/** `of` takes the number out of the results of one round; it is none when a row was not run. */
export const BUDGETS = [
  cpu('4 KB, 100 on a connection', 'wp4', 1 / 3),
  cpu('4 KB, one per connection', 'wp4c', 1 / 2.2),
  cpu('100 KB', 'wp100', 1 / 3.5),
];

export const TABLES = [
  {
    cpuUs: 'CPU µs a message',
    rate: 'messages a second',
    p50: 'p50 ms',
    p99: 'p99 ms',
    loadBusy: 'load generator busy',
  },
];

function cpu(name, row, atMost) {
  return {
    name: `${name}: CPU over Haraka`,
    of: (round) => round[row]?.postern?.cpuUs / round[row]?.haraka?.cpuUs,
    unit: 'x',
    atMost,
  };
}
