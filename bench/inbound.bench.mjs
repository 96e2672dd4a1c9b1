/**
 * Inbound SMTP beside bare smtp-server: CPU time a message, rates, and memory.
 *
 * Both servers run at once, each in a process of its own, and are measured in turns, so that
 * whatever else the machine does hits both. The load comes from a third process. A first round
 * only warms up. `postern-queue` stores what it accepts; it is shown beside and is in no ratio.
 *
 * Run: npm run bench inbound, or with options: node bench/inbound.bench.mjs [--rounds 7]
 * [--only 4k-reused,idle] [--json] [--profile FOLDER]. Exits with 1 when a budget is missed.
 */
import { mkdirSync } from 'node:fs';
import { cpus } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { isPinned, startChild } from './inbound/child.mjs';
import { printReport, summary, verdicts } from './inbound/report.mjs';
import { BUDGETS, MEMORY_ROWS, TABLES, TRAFFIC_ROWS, WARM_UP } from './inbound/workloads.mjs';

const { values: options } = parseArgs({
  options: {
    rounds: { type: 'string', default: '7' },
    only: { type: 'string', default: '' },
    json: { type: 'boolean', default: false },
    profile: { type: 'string' },
  },
});
const ROUNDS = Number(options.rounds);
/** The first round is this much longer, until the code of both servers is compiled for good. */
const WARM_UP_TIMES = 2;
/** Memory hardly varies, and each run of it starts servers. */
const MEMORY_ROUNDS = Math.min(ROUNDS, 3);
const SERVERS = {
  postern: ['postern-server.mjs', 'discard'],
  'smtp-server': ['smtp-server.mjs'],
  'postern-queue': ['postern-server.mjs', 'queue'],
};
const PEERS = ['postern', 'smtp-server'];

const only = options.only === '' ? [] : options.only.split(',');
const isWanted = (row) => only.length === 0 || only.includes(row);
const wanted = (rows) => Object.entries(rows).filter(([row]) => isWanted(row));
const say = (text) => process.stderr.write(`${text}\n`);

async function startServer(name) {
  const [file, ...words] = SERVERS[name];
  const child = await startChild(file, 'server', { nodeFlags: ['--expose-gc'], words });
  return { ...child, port: await child.ask('port') };
}

/** Sends one run of a row to one server. */
async function measureTraffic(load, server, row, messages) {
  const before = await server.ask('usage');
  const ran = await load.ask('run', { port: server.port, workload: row, messages });
  const after = await server.ask('usage');
  return {
    cpuMs: (after.cpuMs - before.cpuMs) / ran.messages,
    rate: ran.messages / ran.seconds,
    loadBusy: ran.busy,
  };
}

/** Forwards in one round and backwards in the next: nobody always comes after the same other. */
function inTurns(names, round) {
  return round % 2 === 0 ? names : [...names].reverse();
}

async function traffic(load) {
  const rows = wanted(TRAFFIC_ROWS);
  if (rows.length === 0) return [];
  const servers = {};
  for (const name of Object.keys(SERVERS)) servers[name] = await startServer(name);
  const rounds = [];
  for (let round = 0; round <= ROUNDS; round += 1) {
    const results = {};
    for (const [name, row] of rows) {
      results[name] = {};
      for (const server of inTurns(row.durable ? Object.keys(SERVERS) : PEERS, round)) {
        const messages = round === 0 ? row.messages * WARM_UP_TIMES : row.messages;
        results[name][server] = await measureTraffic(load, servers[server], row, messages);
      }
    }
    say(round === 0 ? 'traffic: warmed up' : `traffic: round ${round} of ${ROUNDS}`);
    if (round > 0) rounds.push(results);
  }
  if (options.profile !== undefined) await profile(load, servers.postern, rows);
  for (const server of Object.values(servers)) await server.stop();
  return rounds;
}

/** One more run of each row, unmeasured, with the profiler on. */
async function profile(load, server, rows) {
  mkdirSync(options.profile, { recursive: true });
  for (const [name, row] of rows) {
    await server.ask('startProfile');
    await measureTraffic(load, server, row, row.messages * 4);
    await server.ask('stopProfile', join(options.profile, `${name}.cpuprofile`));
  }
  say(`profiles are in ${options.profile}`);
}

async function measureIdle(load, server, { sessions }) {
  const before = await server.ask('settle');
  await load.ask('hold', { port: server.port, sessions });
  const after = await server.ask('settle');
  if (options.profile !== undefined) {
    mkdirSync(options.profile, { recursive: true });
    await server.ask('snapshot', join(options.profile, `idle-${server.port}.heapsnapshot`));
  }
  await load.ask('release');
  return {
    kilobytesEach: (after.rssKb - before.rssKb) / sessions,
    heapKilobytesEach: (after.heapKb - before.heapKb) / sessions,
  };
}

async function measurePeak(load, server, row) {
  const before = await server.ask('resetPeak');
  await load.ask('run', { port: server.port, workload: row, messages: row.messages });
  const after = await server.ask('usage');
  return { riseMegabytes: (after.peakKb - before.rssKb) / 1024 };
}

const MEASURE_MEMORY = { idle: measureIdle, '5mb-parallel': measurePeak };

async function memory(load) {
  const rows = wanted(MEMORY_ROWS);
  const rounds = [];
  for (let round = 1; rows.length > 0 && round <= MEMORY_ROUNDS; round += 1) {
    const results = {};
    for (const [name, row] of rows) {
      results[name] = {};
      for (const peer of inTurns(PEERS, round)) {
        const server = await startServer(peer);
        await load.ask('run', { port: server.port, workload: WARM_UP, messages: WARM_UP.messages });
        results[name][peer] = await MEASURE_MEMORY[name](load, server, row);
        await server.stop();
      }
    }
    say(`memory: round ${round} of ${MEMORY_ROUNDS}`);
    rounds.push(results);
  }
  return rounds;
}

const machine = `${cpus()[0]?.model ?? 'unknown'} x ${cpus().length}, Node ${process.versions.node}`;
say(`${machine}; ${isPinned ? 'servers and load on a core each' : 'cores are not pinned'}`);
const load = await startChild('load.mjs', 'load');
const rounds = [...(await traffic(load)), ...(await memory(load))];
await load.stop();

const judged = verdicts(rounds, BUDGETS);
if (options.json) {
  process.stdout.write(
    `${JSON.stringify({ machine, rounds: ROUNDS, rows: summary(rounds), budgets: judged })}\n`,
  );
} else printReport(rounds, { tables: TABLES, budgets: BUDGETS });
if (judged.some(({ kept }) => !kept)) process.exitCode = 1;
