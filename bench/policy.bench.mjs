/**
 * Every message checked: Postern beside Haraka, CPU time a message, rate and latency.
 *
 * Both ask two block lists, check SPF for HELO and MAIL, verify DKIM, and drop the message; Postern
 * does DMARC and ARC besides. Both run at once, are measured in turns, and ask the same unbound on
 * the loopback address. Before anything is measured, probes show that each check is really made,
 * and after each run the number of its good outcomes must be that of the messages: a run in which
 * a server skipped work does not count and is made again.
 *
 * Run: npm run bench policy, or with options: node bench/policy.bench.mjs [--rounds 5]
 * [--only wp4,wp4c] [--json] [--profile FOLDER]. Exits with 1 when a budget is missed. Needs Linux,
 * unbound, and npm's registry at the first run; without Haraka only Postern is measured.
 */
import { mkdirSync } from 'node:fs';
import { cpus } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { isPinned, startChild } from './inbound/child.mjs';
import { printReport, summary, verdicts } from './inbound/report.mjs';
import { cpuMicroseconds } from './policy/cpu-time.mjs';
import { harakaVersions, installHaraka, startHaraka } from './policy/haraka-server.mjs';
import { startNameServer } from './policy/name-server.mjs';
import { missedChecks, probe } from './policy/probes.mjs';
import { createSigningKey, probesOf, signedMessage } from './policy/signed-messages.mjs';
import { BUDGETS, MESSAGE_OCTETS, ROWS, TABLES } from './policy/workloads.mjs';

const { values: options } = parseArgs({
  options: {
    rounds: { type: 'string', default: '5' },
    only: { type: 'string', default: '' },
    json: { type: 'boolean', default: false },
    profile: { type: 'string' },
  },
});
const ROUNDS = Number(options.rounds);
/** The profiled run is this much longer. */
const PROFILE_TIMES = 4;
/** How often a run is made again that a server did not do in full. */
const TRIES = 3;
const only = options.only === '' ? [] : options.only.split(',');
const rows = Object.entries(ROWS).filter(([row]) => only.length === 0 || only.includes(row));
const say = (text) => process.stderr.write(`${text}\n`);

async function startPostern(dns) {
  return startChild('../policy/postern-server.mjs', 'server', { nodeFlags: ['--expose-gc'], words: [dns] });
}

/** How each server is started that can be. */
function startsOf() {
  const missing = installHaraka(say);
  if (missing === undefined) return { postern: startPostern, haraka: startHaraka };
  say(`HARAKA COULD NOT BE INSTALLED, only Postern is measured and no budget is judged: ${missing}`);
  return { postern: startPostern };
}

/** Starts one server and puts it to the probes. */
async function startServer(name) {
  const child = await starts[name](dns.address);
  servers[name] = { ...child, port: await child.ask('port') };
  say(`${name}: ${await probe(load, servers[name])}`);
}

/** Sends one run of a row to one server. */
async function measureOnce(server, row, messages) {
  const counts = { before: await server.ask('counts') };
  const before = cpuMicroseconds(server.pid);
  const ran = await load.ask('run', { port: server.port, workload: row, messages });
  const after = cpuMicroseconds(server.pid);
  counts.after = await server.ask('counts');
  const missed = missedChecks(counts, ran);
  if (missed !== undefined) return { missed };
  return {
    cpuUs: (after - before) / ran.messages,
    rate: ran.messages / ran.seconds,
    p50: ran.p50,
    p99: ran.p99,
    loadBusy: ran.busy,
  };
}

/**
 * The same, until every check was made. On a busy machine packets get lost, and Haraka asks a list
 * no more that did not answer once; it is started again then.
 */
async function measure(name, row, messages) {
  for (let tries = TRIES; tries > 0; tries -= 1) {
    const measured = await measureOnce(servers[name], row, messages);
    if (measured.missed === undefined) return measured;
    say(`${name} did not make all checks (${measured.missed}); it starts again and this run is repeated`);
    await servers[name].stop();
    await startServer(name);
    await measureOnce(servers[name], row, messages);
  }
  throw new Error(`${name} does not make all checks`);
}

/** Forwards in one round and backwards in the next: nobody always comes after the same other. */
function inTurns(names, round) {
  return round % 2 === 0 ? names : [...names].reverse();
}

async function measureRounds() {
  const rounds = [];
  for (let round = 0; round <= ROUNDS; round += 1) {
    const results = {};
    for (const [name, row] of rows) {
      results[name] = {};
      for (const server of inTurns(Object.keys(servers), round))
        results[name][server] = await measure(server, row, row.messages);
    }
    say(round === 0 ? 'warmed up' : `round ${round} of ${ROUNDS}`);
    if (round > 0) rounds.push(results);
  }
  return rounds;
}

/** One more run of each row, unmeasured, with the profiler on. */
async function profile() {
  const server = servers.postern;
  mkdirSync(options.profile, { recursive: true });
  for (const [name, row] of rows) {
    await server.ask('startProfile');
    await measureOnce(server, row, row.messages * PROFILE_TIMES);
    await server.ask('stopProfile', join(options.profile, `policy-${name}.cpuprofile`));
  }
  say(`profiles are in ${options.profile}`);
}

const machine = `${cpus()[0]?.model ?? 'unknown'} x ${cpus().length}, Node ${process.versions.node}`;
say(`${machine}; ${isPinned ? 'servers and load on a core each' : 'cores are not pinned'}`);
say(harakaVersions());

const key = createSigningKey();
const texts = {};
for (const [name, octets] of Object.entries(MESSAGE_OCTETS))
  texts[name] = await signedMessage(octets, key.privateKey);
Object.assign(texts, probesOf(texts['4k']));

const dns = await startNameServer(key.record);
const load = await startChild('../policy/load.mjs', 'load');
await load.ask('prepare', texts);
const starts = startsOf();
const servers = {};
for (const name of Object.keys(starts)) await startServer(name);

const rounds = await measureRounds();
if (options.profile !== undefined) await profile();
for (const child of [...Object.values(servers), load, dns]) await child.stop();

const judged = verdicts(rounds, BUDGETS);
if (options.json) {
  process.stdout.write(
    `${JSON.stringify({ machine, rounds: ROUNDS, rows: summary(rounds), budgets: judged })}\n`,
  );
} else printReport(rounds, { tables: TABLES, budgets: BUDGETS });
if (judged.some(({ kept }) => !kept)) process.exitCode = 1;
