/**
 * What the inbound bench sends, and what each result may be at most or must be at least.
 *
 * Callers: inbound.bench.mjs runs the rows, report.mjs judges them.
 */
/** `pipelined`: nothing, the envelope, or all that RFC 2920 lets a client send at once. */
const TRAFFIC = { sessions: 20, octets: 4096, dotEvery: 0, pipelined: 'no' };

/** CPU time and rate. `messages` are those of one run; `durable` rows also run into the queue. */
export const TRAFFIC_ROWS = {
  '4k-connection': { ...TRAFFIC, connections: 'each', messages: 4000, durable: true },
  '4k-reused': { ...TRAFFIC, connections: 'reused', messages: 12_000, durable: true },
  '4k-envelope': { ...TRAFFIC, connections: 'reused', messages: 12_000, pipelined: 'envelope' },
  '4k-pipelined': { ...TRAFFIC, connections: 'reused', messages: 12_000, pipelined: 'all' },
  '100k-reused': { ...TRAFFIC, connections: 'reused', messages: 4000, octets: 102_400, durable: true },
  '100k-dots': { ...TRAFFIC, connections: 'reused', messages: 4000, octets: 102_400, dotEvery: 4 },
};

/** Memory. Each run has servers of its own, which have done a little work before. */
export const MEMORY_ROWS = {
  idle: { sessions: 2000 },
  '5mb-parallel': { ...TRAFFIC, connections: 'reused', sessions: 10, messages: 10, octets: 5 * 1024 * 1024 },
};
/** The little work: code is loaded and compiled, and buffers have their size. */
export const WARM_UP = { ...TRAFFIC, connections: 'each', messages: 400 };

/** Measures by table; a row belongs to the table whose first measure it has. */
export const TABLES = [
  { cpuMs: 'CPU ms a message', rate: 'messages a second', loadBusy: 'load generator busy' },
  { kilobytesEach: 'KB a session', heapKilobytesEach: 'of these heap' },
  { riseMegabytes: 'rise of the peak, MB' },
];

/** `of` takes the number out of the results of one round; it is none when a row was not run. */
export const BUDGETS = [
  cpu('4 KB, one per connection', '4k-connection', 1.25),
  cpu('4 KB, reused connections', '4k-reused', 1.25),
  cpu('100 KB', '100k-reused', 0.9),
  {
    name: '100 KB of dots: CPU over plain 100 KB',
    of: (round) => round['100k-dots']?.postern?.cpuMs / round['100k-reused']?.postern?.cpuMs,
    unit: 'x',
    atMost: 2,
  },
  {
    name: 'pipelined: rate over unpipelined',
    of: (round) => round['4k-pipelined']?.postern?.rate / round['4k-reused']?.postern?.rate,
    unit: 'x',
    atLeast: 1.5,
  },
  {
    name: '2,000 idle sessions: memory of one',
    of: (round) => round.idle?.postern?.kilobytesEach,
    unit: ' KB',
    atMost: 14,
  },
  {
    name: 'ten parallel 5 MB messages: rise of the peak',
    of: (round) => round['5mb-parallel']?.postern?.riseMegabytes,
    unit: ' MB',
    atMost: 60,
  },
];

function cpu(name, row, atMost) {
  return {
    name: `${name}: CPU over smtp-server`,
    of: (round) => round[row]?.postern?.cpuMs / round[row]?.['smtp-server']?.cpuMs,
    unit: 'x',
    atMost,
  };
}
