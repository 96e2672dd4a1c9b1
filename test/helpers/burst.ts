/**
 * Several clients that send messages one after the other until the server is gone or they are
 * told to stop, and note which messages got their 250.
 */
import { connectPeer, type SmtpPeer } from './smtp-peer.js';

export interface Burst {
  /** Numbers of the messages that were answered 250 at their end. */
  readonly accepted: ReadonlySet<string>;
  /** Sends no further messages; resolves when every client has ended. */
  stop(): Promise<void>;
}

/** The field that carries the number, to find the messages again. */
export const NUMBER_FIELD = 'X-Number';

async function sendOne(peer: SmtpPeer, number: string, octets: number): Promise<boolean> {
  await peer.say('MAIL FROM:<a@example.org>');
  await peer.say('RCPT TO:<burst@example.com>');
  const go = await peer.say('DATA');
  if (go.code !== 354) return false;
  const line = `${'x'.repeat(70)}\r\n`;
  const body = line.repeat(Math.ceil(octets / line.length));
  const reply = await peer.say(`${NUMBER_FIELD}: ${number}\r\n\r\n${body}.`);
  return reply.code === 250;
}

/** Starts `clients` of them; every third message is of 100 000 octets, which goes to the spool. */
export function startBurst(port: number, clients: number): Burst {
  const accepted = new Set<string>();
  const peers: SmtpPeer[] = [];
  let stopped = false;

  const send = async (client: number): Promise<void> => {
    const peer = await connectPeer(port);
    peers.push(peer);
    await peer.reply();
    await peer.say('EHLO c.test');
    for (let n = 0; !stopped; n += 1) {
      const number = `${client}.${n}`;
      if (await sendOne(peer, number, n % 3 === 2 ? 100_000 : 500)) accepted.add(number);
    }
    await peer.say('QUIT');
  };
  // A client whose server has died is done; what it had sent without an answer does not count.
  const all = Promise.allSettled(Array.from({ length: clients }, (_, client) => send(client)));
  return {
    accepted,
    async stop() {
      stopped = true;
      await all;
      for (const peer of peers) peer.destroy();
    },
  };
}
