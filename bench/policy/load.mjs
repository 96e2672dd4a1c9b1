/**
 * The load generator of the policy bench: signed messages from clients that a PROXY header names.
 *
 * `prepare` takes the messages, `run` sends them and says how long each took: on a connection of
 * its own from the connect to the last reply, else from MAIL to the last reply.
 */
import { answer } from '../inbound/answers.mjs';
import { converse } from '../inbound/client.mjs';
import { clientAddress, HELO, RECIPIENT, SENDER } from './names.mjs';

const exchange = (text) => ({ send: Buffer.from(`${text}\r\n`), replies: 1 });
const EHLO = exchange(`EHLO ${HELO}`);
const ENVELOPE = [exchange(`MAIL FROM:<${SENDER}>`), exchange(`RCPT TO:<${RECIPIENT}>`), exchange('DATA')];
const QUIT = exchange('QUIT');

const messages = {};
/** Connections to each port so far: the servers see the same clients in the same order. */
const connected = {};

function prepare(texts) {
  for (const [name, text] of Object.entries(texts)) messages[name] = exchange(`${text}.`);
}

function* dialogue(message, count, took) {
  yield EHLO;
  for (let i = 0; i < count; i += 1) {
    const began = performance.now();
    yield* ENVELOPE;
    yield message;
    took(performance.now() - began);
  }
  yield QUIT;
}

function proxyHeader(port, address) {
  connected[port] = (connected[port] ?? 0) + 1;
  return Buffer.from(`PROXY TCP4 ${address ?? clientAddress(connected[port])} 198.18.255.25 40000 25\r\n`);
}

/** `address` instead of the workload's clients is for probes. */
async function run({ port, workload, messages: wanted, address }) {
  const { message, connections, clients, sessions } = workload;
  const from = address ?? (clients === 'one' ? clientAddress(0) : undefined);
  const latencies = [];
  const parallel = Math.min(sessions, Math.ceil(wanted / connections));
  const runs = Math.ceil(wanted / connections);
  let begun = 0;

  async function client() {
    while (begun < runs) {
      begun += 1;
      const began = performance.now();
      // On a connection of its own a message also costs the connection.
      const took = (ms) => latencies.push(connections === 1 ? performance.now() - began : ms);
      await converse(port, dialogue(messages[message], connections, took), proxyHeader(port, from));
    }
  }

  const cpu = process.cpuUsage();
  const began = performance.now();
  await Promise.all(Array.from({ length: parallel }, client));
  const seconds = (performance.now() - began) / 1000;
  const { user, system } = process.cpuUsage(cpu);
  latencies.sort((a, b) => a - b);
  const percentile = (share) => latencies[Math.floor((latencies.length - 1) * share)];
  return {
    messages: runs * connections,
    connections: runs,
    seconds,
    busy: (user + system) / 1e6 / seconds,
    p50: percentile(0.5),
    p99: percentile(0.99),
  };
}

answer({ prepare, run });
