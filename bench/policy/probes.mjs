/**
 * Proof that a server makes its checks: what it counts after messages that it must tell apart.
 *
 * A server tells by `counts` how often each check came out well: `lists` (both asked, listed by
 * none) and `spfHelo` once for a connection, `spfMail`, `dkim`, `dmarc`, `arc` once for a message.
 * What a server does not count it does not check.
 *
 * Callers: policy.bench.mjs. Whatever is not as it should be fails the bench.
 */
import { LISTED, LISTS, STRANGER } from './names.mjs';

const ONE = { message: '4k', connections: 1, clients: 'many', sessions: 1 };
const PER_CONNECTION = ['lists', 'spfHelo'];

/** What was counted since `before`. */
function since(before, after) {
  return Object.fromEntries(Object.entries(after).map(([name, count]) => [name, count - before[name]]));
}

/** What is not as expected, in words; undefined when all is. */
function differenceOf(counted, expected) {
  for (const [name, count] of Object.entries(expected))
    if (name in counted && counted[name] !== count) return `${name} is ${counted[name]} instead of ${count}`;
  return undefined;
}

function assertEqual(what, counted, expected) {
  const difference = differenceOf(counted, expected);
  if (difference !== undefined) throw new Error(`${what}: ${difference}`);
}

/**
 * After a run each check must have come out well as often as it was to be made: what is missing,
 * undefined when nothing is.
 */
export function missedChecks({ before, after }, { messages, connections }) {
  const counted = since(before, after);
  const expected = Object.keys(counted).map((check) => [
    check,
    PER_CONNECTION.includes(check) ? connections : messages,
  ]);
  return differenceOf(counted, Object.fromEntries(expected));
}

async function sendOne(load, server, workload, address) {
  const before = await server.ask('counts');
  await load.ask('run', { port: server.port, workload: { ...ONE, ...workload }, messages: 1, address });
  return since(before, await server.ask('counts'));
}

async function refusalOf(load, server, address) {
  try {
    await sendOne(load, server, {}, address);
    return undefined;
  } catch (error) {
    return error.message;
  }
}

/** Sends the probes; answers with what was seen, in words. */
export async function probe(load, server) {
  const good = await sendOne(load, server, {});
  assertEqual('a good message', good, Object.fromEntries(Object.keys(good).map((name) => [name, 1])));

  const all = { messages: 1, lists: 1, spfHelo: 1, spfMail: 1, dkim: 1, dmarc: 1, arc: 1 };
  const forged = await sendOne(load, server, { message: 'forged' });
  assertEqual('a forged message', forged, { ...all, dkim: 0 });

  const stranger = await sendOne(load, server, {}, STRANGER);
  assertEqual('a stranger', stranger, { ...all, spfHelo: 0, spfMail: 0 });

  // Now neither of the two speaks for the author.
  const both = await sendOne(load, server, { message: 'forged' }, STRANGER);
  assertEqual('a forged message of a stranger', both, { ...all, spfHelo: 0, spfMail: 0, dkim: 0, dmarc: 0 });

  const sealed = await sendOne(load, server, { message: 'sealed' });
  assertEqual('a message with a broken seal', sealed, { ...all, arc: 0 });

  for (const [i, address] of LISTED.entries()) {
    const refusal = await refusalOf(load, server, address);
    if (refusal === undefined) throw new Error(`a client on ${LISTS[i]} was not refused`);
  }
  const checks = Object.keys(good).filter((name) => name !== 'messages');
  return `makes its checks (${checks.join(', ')}); forged, strange and listed clients are told apart`;
}
