/**
 * The load generator: many clients at once, from one process of its own.
 *
 * `run` sends messages and says how long it took; `hold` opens sessions that say EHLO and nothing
 * more, `release` closes them. Everything that is sent is made before the clock starts.
 */
import { connect } from 'node:net';
import { answer } from './answers.mjs';
import { converse } from './client.mjs';
import { wireMessage } from './messages.mjs';

const EHLO = { send: Buffer.from('EHLO client.example.net\r\n'), replies: 1 };
const QUIT = { send: Buffer.from('QUIT\r\n'), replies: 1 };
const ENVELOPE = ['MAIL FROM:<sender@example.net>\r\n', 'RCPT TO:<user@example.com>\r\n', 'DATA\r\n'];
/** Sessions that are opened at once, so that no queue of the kernel overflows. */
const RAMP = 100;

/** What is sent first, for each message but the last, and for the last. */
function exchangesOf({ octets, dotEvery, pipelined }) {
  const message = { send: wireMessage(octets, dotEvery), replies: 1 };
  const envelope = { send: Buffer.from(ENVELOPE.join('')), replies: ENVELOPE.length };
  if (pipelined === 'all') {
    // The end of a message may share its packet with the next envelope (RFC 2920 §3.1, §5).
    const both = { send: Buffer.concat([message.send, envelope.send]), replies: 1 + ENVELOPE.length };
    return { first: [envelope], each: [both], last: [message] };
  }
  const single = ENVELOPE.map((line) => ({ send: Buffer.from(line), replies: 1 }));
  const each = [...(pipelined === 'envelope' ? [envelope] : single), message];
  return { first: [], each, last: each };
}

/** What is sent on one connection: `count` messages, between a greeting and a farewell. */
function* dialogue({ first, each, last }, count) {
  yield EHLO;
  yield* first;
  for (let i = 1; i < count; i += 1) yield* each;
  yield* last;
  yield QUIT;
}

/** One client's part of a run, over one connection or over one for each message. */
async function client(port, exchanges, count, connections) {
  if (connections === 'reused') return converse(port, dialogue(exchanges, count));
  for (let i = 0; i < count; i += 1) await converse(port, dialogue(exchanges, 1));
}

async function run({ port, workload, messages }) {
  const { sessions, connections } = workload;
  const exchanges = exchangesOf(workload);
  const each = Math.ceil(messages / sessions);
  const cpu = process.cpuUsage();
  const began = performance.now();
  await Promise.all(Array.from({ length: sessions }, () => client(port, exchanges, each, connections)));
  const seconds = (performance.now() - began) / 1000;
  const { user, system } = process.cpuUsage(cpu);
  return { messages: each * sessions, seconds, busy: (user + system) / 1e6 / seconds };
}

const held = [];

function holdOne(port) {
  return new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1');
    held.push(socket);
    let heard = '';
    socket.on('error', reject);
    socket.on('data', (chunk) => {
      heard += chunk.toString('latin1');
      if (heard.startsWith('220 ') && !socket.saidHello) {
        socket.saidHello = true;
        heard = '';
        socket.write(EHLO.send);
      } else if (/^250 .*\r\n/m.test(heard)) resolve();
    });
  });
}

async function hold({ port, sessions }) {
  while (held.length < sessions) {
    const some = Math.min(RAMP, sessions - held.length);
    await Promise.all(Array.from({ length: some }, () => holdOne(port)));
  }
}

async function release() {
  const closed = held.map((socket) => new Promise((resolve) => socket.once('close', resolve)));
  for (const socket of held.splice(0)) socket.destroy();
  await Promise.all(closed);
}

answer({ run, hold, release });
